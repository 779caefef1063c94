import { createRecordTable, readTable, writeRecord } from 'threadmill/record-table';
import type { Bridge, BridgeOptions, BridgeState, RecordEntry } from '../bridge.js';
import { lineOver } from './line.js';
import { PortReader } from './port-reader.js';
import { PortWriter } from './port-writer.js';
import { PublishedPortReader, PublishedPortWriter } from './published.js';

/** Only the main agent uses the table: workers have the same memory, and leave it alone. */
export interface MessagePortRecords extends BridgeState {
  /** How many values each writer may have under way. */
  readonly window: number;
}

const lineName = 'message-port records';

function open({ capacity, payloadWords, queueCapacity }: BridgeOptions): MessagePortRecords {
  return { table: createRecordTable({ capacity, payloadWords }), window: queueCapacity };
}

/** Plain messages: see `PublishedPortWriter` for what can get lost. */
const published: Bridge<MessagePortRecords> = {
  name: 'message-port',
  variant: 'published',
  promises: {
    delivery: 'none: messages that arrive before the main agent listens are lost',
    order: 'first in, first out per writer',
    freshness: 'whatever has arrived',
    bounds: 'none',
    whoMayBlock: 'no thread',
    shutdown: 'the main agent stops listening; what is under way is lost',
  },
  open,
  writerEnd: (_, { main }) => {
    const writer = new PublishedPortWriter<RecordEntry>(main);
    return { write: (entry) => writer.write(entry), close: () => undefined };
  },
  readerEnd: ({ table }, { workers }) => {
    let applied = 0;
    const readers = workers.map(
      (worker) =>
        new PublishedPortReader<RecordEntry>(worker, ({ key, payload }) => {
          applied = writeRecord(table, key, payload);
        }),
    );
    return {
      read: () => readTable(table),
      stats: () => ({ applied }),
      close: () => {
        for (const reader of readers) reader.close();
        return Promise.resolve();
      },
    };
  },
};

/** A line to each writer; a write is acknowledged when the main agent has put it into the table. */
const hardened: Bridge<MessagePortRecords> = {
  name: 'message-port',
  variant: 'hardened',
  promises: {
    delivery: 'exactly once, if acknowledged: by then it is in the table',
    order: 'first in, first out per writer; a write that begins after another was acknowledged comes after it',
    freshness: 'every acknowledged write is seen',
    bounds: 'queueCapacity writes under way per writer; `write` waits for room',
    whoMayBlock: 'no thread: writers wait for the main agent without blocking',
    shutdown: 'a writer waits for its acknowledgements; a writer that dies loses what was not acknowledged',
  },
  open,
  writerEnd: (_, { main }) => {
    const writer = new PortWriter<RecordEntry>(lineOver(main, lineName));
    return { write: (entry) => writer.write(entry), close: () => writer.end() };
  },
  readerEnd: ({ table, window }, { workers }) => {
    let applied = 0;
    const take = ({ key, payload }: RecordEntry): void => {
      applied = writeRecord(table, key, payload);
    };
    const readers = workers.map((worker) => new PortReader(lineOver(worker, lineName), take, { window }));
    return {
      read: () => readTable(table),
      stats: () => ({ loopQueueDepth: readers.reduce((sum, { depth }) => sum + depth, 0), applied }),
      close: async () => {
        await Promise.all(readers.map(({ finished }) => finished));
      },
    };
  },
};

/** Records as messages: as they are usually sent, and hardened. */
export const messagePortRecords = { published, hardened };
