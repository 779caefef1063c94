import { createRecordTable, readTable, writeRecord } from 'threadmill/record-table';
import { answerPublishedCalls, publishedCaller } from '../actor/published-calls.js';
import type { Bridge, BridgeOptions, BridgeState, RecordEntry } from '../bridge.js';
import { lineOver } from '../message-port/line.js';
import { PortReader } from '../message-port/port-reader.js';
import { PortWriter } from '../message-port/port-writer.js';
import { AsyncQueue } from '../primitives/async-queue.js';
import { PublishedStage } from './published.js';
import { Stage } from './stage.js';

/** The table is at the end of a pipeline on the main agent: workers have the same memory, and leave it alone. */
export interface PipelineRecords extends BridgeState {
  /** How many records each writer may have under way, and how many wait for each stage. */
  readonly capacity: number;
}

const lineName = 'pipeline records';

function open({ capacity, payloadWords, queueCapacity }: BridgeOptions): PipelineRecords {
  return { table: createRecordTable({ capacity, payloadWords }), capacity: queueCapacity };
}

/** What the first stage does to each record: anything that needs no table. */
function prepare({ key, payload }: RecordEntry): RecordEntry {
  return { key, payload: payload.map((word) => word | 0) };
}

/**
 * Two printed stages on the main agent. Each record is carried through both as in the printed program. It gets there, and its
 * answer back, as for the published actor.
 */
const published: Bridge<PipelineRecords> = {
  name: 'pipeline',
  variant: 'published',
  promises: {
    delivery: 'exactly once, if acknowledged, until a stage throws: then no write is answered any more',
    order: 'first in, first out per writer',
    freshness: 'every acknowledged write is seen',
    bounds: 'none',
    whoMayBlock: 'no thread; a writer waits for both stages, with no timeout',
    shutdown: 'none: the stages run on',
  },
  open,
  writerEnd: (_, { main }) => {
    const caller = publishedCaller(main);
    return {
      write: async (entry) => {
        await caller.ask(entry);
      },
      close: () => undefined,
    };
  },
  readerEnd: ({ table }, { workers }) => {
    const first = new PublishedStage('prepare', (entry) => prepare(entry as RecordEntry));
    const second = new PublishedStage('store', (entry) => {
      const { key, payload } = entry as RecordEntry;
      return writeRecord(table, key, payload);
    });
    void first.run();
    void second.run();
    for (const worker of workers) {
      const reply = new AsyncQueue<unknown>();
      answerPublishedCalls(worker, async (entry) => {
        await first.send({ type: 'prepare', payload: entry, replyTo: reply });
        await second.send({ type: 'store', payload: await reply.get(), replyTo: reply });
        return reply.get();
      });
    }
    return {
      read: () => readTable(table),
      stats: () => ({ loopQueueDepth: first.queue.size + second.queue.size, applied: second.processed }),
      close: () => Promise.resolve(),
    };
  },
};

/** Two stages on the main agent, joined by bounded mailboxes. A write is acknowledged when the first of them has taken it. */
const hardened: Bridge<PipelineRecords> = {
  name: 'pipeline',
  variant: 'hardened',
  promises: {
    delivery: 'exactly once, if acknowledged: the main agent has it by then',
    order: 'first in, first out per writer; a write that begins after another was acknowledged comes after it',
    freshness: 'an acknowledged write is seen once it has passed the stages before the table',
    bounds: 'queueCapacity per writer and per stage; `write` waits for room in every stage',
    whoMayBlock: 'no thread: writers wait without blocking',
    shutdown: 'drains: the end passes through the stages after the last record',
  },
  open,
  writerEnd: (_, { main }) => {
    const writer = new PortWriter<RecordEntry>(lineOver(main, lineName));
    return { write: (entry) => writer.write(entry), close: () => writer.end() };
  },
  readerEnd: ({ table, capacity }, { workers }) => {
    let applied = 0;
    const last = new Stage({
      name: 'store',
      capacity,
      process: ({ key, payload }: RecordEntry) => writeRecord(table, key, payload),
      next: (version) => {
        applied = version;
      },
    });
    const first = new Stage({ name: 'prepare', capacity, process: prepare, next: last });
    const readers = workers.map(
      (worker) =>
        new PortReader(lineOver(worker, lineName), (entry: RecordEntry, { signal }) => first.send(entry, { signal }), {
          window: capacity,
        }),
    );
    return {
      read: () => readTable(table),
      stats: () => ({
        loopQueueDepth: readers.reduce((sum, { depth }) => sum + depth, first.depth + last.depth),
        applied,
      }),
      close: async () => {
        await Promise.all(readers.map(({ finished }) => finished));
        await first.end();
      },
    };
  },
};

/** Records that go through a pipeline, as the article prints it, and as you would ship it. */
export const pipelineRecords = { published, hardened };
