import { createRecordTable, readTable, writeRecord, type RecordTable } from 'threadmill/record-table';
import type { Bridge, BridgeOptions, BridgeState, ReaderEnd, ReaderLink, RecordEntry, WriterEnd } from '../bridge.js';
import { QueueFull } from './errors.js';
import { createDualQueue, type DualQueueMemory } from './hardened-memory.js';
import { DualQueueProducer } from './hardened-producer.js';
import { DualQueue } from './hardened.js';
import { createPublishedDualQueue, PublishedDualQueue, PublishedDualQueueProducer } from './published.js';
import type { ThreadQueueMemory } from './thread-queue-memory.js';

/** What the agents of a dual queue that carries records share. Only the main agent uses the table. */
export interface DualQueueRecordsState extends BridgeState {
  readonly queue: DualQueueMemory;
  /** How many writers have closed their end. */
  readonly closedWriters: Int32Array<SharedArrayBuffer>;
}

/** As `DualQueueRecordsState`, for the published one. */
export interface PublishedDualQueueRecordsState extends BridgeState {
  readonly queue: ThreadQueueMemory;
}

/** A write as it is submitted: the key, then the payload. */
type Row = readonly number[];

const retryAfterMs = 1;

/** Memory for `queueCapacity` rows, so that their number alone says when the queue is full. */
function bytesOf({ queueCapacity, payloadWords }: BridgeOptions): number {
  // What v8 encodes a row as: a header, the beginning and end of an array, and at most 9 bytes for each number.
  const rowBytes = 16 + 9 * (1 + payloadWords);
  const lengthBytes = 8;
  return queueCapacity * (lengthBytes + 8 * Math.ceil(rowBytes / 8));
}

const rowOf = ({ key, payload }: RecordEntry): Row => [key, ...payload];

function apply(table: RecordTable, [key, ...payload]: Row): void {
  writeRecord(table, key!, payload);
}

const hardened: Bridge<DualQueueRecordsState> = {
  name: 'dual-queue',
  variant: 'hardened',
  promises: {
    delivery: 'once; if an item is not taken, its write fails',
    order: 'the order of submission, over all writers',
    freshness: 'a read sees what the loop has consumed so far',
    bounds:
      'items and bytes on the thread side, items on the loop side; a full thread side blocks or refuses the writer',
    whoMayBlock: 'writers, until there is room or a timeout; the loop never',
    shutdown:
      'what was submitted before is consumed or handed back; submitting after it and consuming past the end fail',
  },
  open: (options) => ({
    table: createRecordTable(options),
    queue: createDualQueue({
      capacity: options.queueCapacity,
      bytes: bytesOf(options),
      producers: options.writers,
      // A writer that dies shows as an error of its Worker, and ends the program that uses this.
      lockTimeoutMs: Infinity,
    }),
    closedWriters: new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)),
  }),
  writerEnd: ({ queue, closedWriters }) => {
    const producer = new DualQueueProducer<Row>(queue);
    return {
      write: (entry) => producer.submit(rowOf(entry)),
      close: () => {
        producer.close();
        Atomics.add(closedWriters, 0, 1);
        Atomics.notify(closedWriters, 0);
      },
    };
  },
  readerEnd: ({ table, queue: memory, closedWriters }, { workers }) => {
    const queue = new DualQueue<Row>(memory);
    queue.start();
    const applying = (async () => {
      for await (const row of queue) apply(table, row);
    })();
    return {
      read: () => readTable(table),
      stats: () => ({
        threadQueueDepth: queue.threadQueueDepth,
        loopQueueDepth: queue.loopQueueDepth,
        applied: readTable(table).version,
      }),
      close: async () => {
        // Meanwhile the drain task keeps the process alive.
        for (let closed = 0; closed < workers.length; closed = Atomics.load(closedWriters, 0)) {
          await Atomics.waitAsync(closedWriters, 0, closed).value;
        }
        await queue.shutdown();
        await applying;
      },
    };
  },
};

const published: Bridge<PublishedDualQueueRecordsState> = {
  name: 'dual-queue',
  variant: 'published',
  promises: {
    delivery: 'once, until shutdown or until the drain task is cancelled: then items can get lost',
    order: 'the order of submission, over all writers',
    freshness: 'a read sees what the loop has consumed so far',
    bounds: 'items on each side; a full thread side refuses the writer',
    whoMayBlock: 'the loop, forever, if a full queue is shut down',
    shutdown: 'items submitted after it are accepted and lost; waiting consumers never wake',
  },
  open: (options) => ({
    table: createRecordTable(options),
    queue: createPublishedDualQueue({ maxsize: options.queueCapacity, bytes: bytesOf(options) }),
  }),
  writerEnd: ({ queue }): WriterEnd => {
    const producer = new PublishedDualQueueProducer<Row>(queue);
    const nobody = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
    const submit = (row: Row): void => {
      while (true) {
        try {
          producer.submitFromThread(row);
          return;
        } catch (error) {
          if (!(error instanceof QueueFull)) throw error;
          Atomics.wait(nobody, 0, 0, retryAfterMs);
        }
      }
    };
    return {
      write: (entry) => submit(rowOf(entry)),
      // Consumers do not learn of the end, so each writer sends it as an item. The queue is shut down when it is empty.
      close: () => submit([]),
    };
  },
  readerEnd: ({ table, queue: memory }, { workers }: ReaderLink): ReaderEnd => {
    const queue = new PublishedDualQueue<Row>(memory);
    queue.start();
    const applying = (async () => {
      for (let open = workers.length; open > 0;) {
        const row = await queue.consume();
        if (row.length === 0) open--;
        else apply(table, row);
      }
    })();
    return {
      read: () => readTable(table),
      stats: () => ({
        threadQueueDepth: queue.threadQueueDepth,
        loopQueueDepth: queue.loopQueueDepth,
        applied: readTable(table).version,
      }),
      close: async () => {
        await applying;
        await queue.shutdown();
      },
    };
  },
};

/** The two dual queues as bridges that carry records: the main agent's consumer writes what it consumes into the table. */
export const dualQueueRecords = { published, hardened };
