import type { RecordTable, TableSnapshot } from 'threadmill/record-table';

/** What a bridge promises, a sentence or less each: a row of the table in bridges/README.md. */
export interface BridgePromises {
  /** Whether what was acknowledged can get lost or arrive twice. */
  readonly delivery: string;
  /** Which writes keep their order. */
  readonly order: string;
  /** How old what a reader sees may be. */
  readonly freshness: string;
  /** What bounds the memory between writers and readers, and what happens at the bound. */
  readonly bounds: string;
  /** Which agents may have to wait, and whether that blocks their event loop. */
  readonly whoMayBlock: string;
  /** What becomes of those who write, wait or read when the bridge is closed. */
  readonly shutdown: string;
}

/** The size of a bridge that carries records. */
export interface BridgeOptions {
  /** How many writers there are at most: 1 to 64. */
  readonly writers: number;
  /** How many keys fit into the table. */
  readonly capacity: number;
  /** 32-bit words in each record's payload. */
  readonly payloadWords: number;
  /** How many writes may be under way at once, if the bridge holds any: a bound on each of its queues. */
  readonly queueCapacity: number;
}

/** One write. */
export interface RecordEntry {
  /** A 32-bit integer. */
  readonly key: number;
  /** `payloadWords` 32-bit integers. */
  readonly payload: readonly number[];
}

/** What a port, a Worker and `parentPort` have in common: enough for a bridge to talk over. */
export interface Channel {
  postMessage(message: unknown, transferList?: readonly object[]): void;
  on(event: 'message', listener: (message: unknown) => void): unknown;
  off(event: 'message', listener: (message: unknown) => void): unknown;
}

/** What a writer brings to its end of the bridge. */
export interface WriterLink {
  /** Which writer this is, from 0. */
  readonly index: number;
  /** The way to the main agent: `parentPort` in a worker. */
  readonly main: Channel;
}

/** What the main agent brings to its end of the bridge. */
export interface ReaderLink {
  /** The way to each writer there is, in order: the Worker objects. */
  readonly workers: readonly Channel[];
}

/** What a writer does with a bridge. */
export interface WriterEnd {
  /**
   * Writes a record. When this returns (or what it returns is fulfilled) the write is acknowledged: from here on the bridge
   * must not lose it.
   *
   * @throws what the bridge's documentation names, if the write was not taken: then it must never appear
   */
  write(entry: RecordEntry): void | Promise<void>;
  /** Says that this writer writes no more. Call it once. */
  close(): void | Promise<void>;
}

/** What may be known about a bridge while it is open. A bridge leaves out what it has none of. */
export interface BridgeStats {
  /** Writes that have left their writer and not reached the main agent. */
  readonly threadQueueDepth?: number;
  /** Writes that have reached the main agent and not the table. */
  readonly loopQueueDepth?: number;
  /** Writes that the table holds. */
  readonly applied: number;
}

/** The end on the main agent, shared by all readers there. */
export interface ReaderEnd {
  /** The records as they are now, as far as the bridge's freshness goes. After `close`: as they ended. */
  read(): TableSnapshot | Promise<TableSnapshot>;
  stats(): BridgeStats;
  /** Waits until every writer has closed its end and everything acknowledged is in the table, and lets go of everything. */
  close(): Promise<void>;
}

/** What all agents of one bridge share: plain data that `postMessage` and `workerData` carry. */
export interface BridgeState {
  /** Where the records end up. Whether anybody but the bridge may look at it while writers write is up to the bridge. */
  readonly table: RecordTable;
}

/**
 * A bridge that carries records from worker threads to coroutines, so that one workload can run through all of them.
 *
 * `open` is called once, on the main agent; what it returns goes to every worker. Each worker makes its own end of it with
 * `writerEnd`, and the main agent one for all its coroutines with `readerEnd`.
 */
export interface Bridge<State extends BridgeState = BridgeState> {
  /** The bridge's folder: `dual-queue`. */
  readonly name: string;
  /** As an article prints it, or as one would ship it. */
  readonly variant: 'published' | 'hardened';
  readonly promises: BridgePromises;
  open(options: BridgeOptions): State;
  writerEnd(state: State, link: WriterLink): WriterEnd;
  readerEnd(state: State, link: ReaderLink): ReaderEnd;
}
