import type { RecordTable, TableSnapshot } from 'threadmill/record-table';

/** What a bridge promises, at most a sentence each: a row of the table in bridges/README.md. */
export interface BridgePromises {
  /** Whether an acknowledged write can get lost or arrive twice. */
  readonly delivery: string;
  /** Which writes keep their order. */
  readonly order: string;
  /** How old the data that a reader sees may be. */
  readonly freshness: string;
  /** What bounds the memory between writers and readers, and what happens at the bound. */
  readonly bounds: string;
  /** Which agents may have to wait, and whether that blocks their event loop. */
  readonly whoMayBlock: string;
  /** What becomes of agents that write, wait or read when the bridge is closed. */
  readonly shutdown: string;
}

/** The size of a bridge that carries records. */
export interface BridgeOptions {
  /** The maximum number of writers: 1 to 64. */
  readonly writers: number;
  /** How many keys fit into the table. */
  readonly capacity: number;
  /** 32-bit words in each record's payload. */
  readonly payloadWords: number;
  /** How many writes may be under way at once, if the bridge holds any. It is the capacity of each queue. */
  readonly queueCapacity: number;
}

/** One write. */
export interface RecordEntry {
  /** A 32-bit integer. */
  readonly key: number;
  /** `payloadWords` 32-bit integers. */
  readonly payload: readonly number[];
}

/** What a port, a Worker and `parentPort` have in common, and all that a bridge needs to communicate. */
export interface Channel {
  postMessage(message: unknown, transferList?: readonly object[]): void;
  on(event: 'message', listener: (message: unknown) => void): unknown;
  off(event: 'message', listener: (message: unknown) => void): unknown;
}

/** What a writer passes to its end of the bridge. */
export interface WriterLink {
  /** Which writer this is, from 0. */
  readonly index: number;
  /** The channel to the main agent: `parentPort` in a worker. */
  readonly main: Channel;
}

/** What the main agent passes to its end of the bridge. */
export interface ReaderLink {
  /** The channel to each writer, in order: the Worker objects. */
  readonly workers: readonly Channel[];
}

/** A writer's end of a bridge. */
export interface WriterEnd {
  /**
   * Writes a record. When this returns (or the promise it returns is fulfilled) the write is acknowledged: from here on the
   * bridge must not lose it.
   *
   * @throws the errors in the bridge's documentation, if the write was not taken: then it must never appear
   */
  write(entry: RecordEntry): void | Promise<void>;
  /** Says that this writer is done. Call it once. */
  close(): void | Promise<void>;
}

/** What can be known about a bridge while it is open. A bridge leaves out what does not apply to it. */
export interface BridgeStats {
  /** Writes that have left their writer and not yet reached the main agent. */
  readonly threadQueueDepth?: number;
  /** Writes that have reached the main agent and not yet the table. */
  readonly loopQueueDepth?: number;
  /** Writes in the table. */
  readonly applied: number;
}

/** The end on the main agent, shared by all its readers. */
export interface ReaderEnd {
  /** The current records, subject to the bridge's freshness. After `close`, the final records. */
  read(): TableSnapshot | Promise<TableSnapshot>;
  stats(): BridgeStats;
  /** Waits until every writer has closed its end and every acknowledged write is in the table, then releases everything. */
  close(): Promise<void>;
}

/** What all agents of one bridge share: plain data that `postMessage` and `workerData` carry. */
export interface BridgeState {
  /** Where the records end up. The bridge decides whether others may read it while writers write. */
  readonly table: RecordTable;
}

/**
 * A bridge that carries records from worker threads to coroutines, so that one workload can run through all of them.
 *
 * `open` is called once, on the main agent. Its return value goes to every worker. Each worker makes its own end from it with
 * `writerEnd`, and the main agent one for all its coroutines with `readerEnd`.
 */
export interface Bridge<State extends BridgeState = BridgeState> {
  /** The bridge's folder: `dual-queue`. */
  readonly name: string;
  /** As an article prints it, or as you would ship it. */
  readonly variant: 'published' | 'hardened';
  readonly promises: BridgePromises;
  open(options: BridgeOptions): State;
  writerEnd(state: State, link: WriterLink): WriterEnd;
  readerEnd(state: State, link: ReaderLink): ReaderEnd;
}
