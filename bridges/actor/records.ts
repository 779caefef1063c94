import {
  createRecordTable,
  readTable,
  writeRecord,
  type RecordTable,
  type TableSnapshot,
} from 'threadmill/record-table';
import type { Bridge, BridgeOptions, BridgeState, RecordEntry } from '../bridge.js';
import { lineOver } from '../message-port/line.js';
import { AsyncQueue } from '../primitives/async-queue.js';
import { Actor } from './actor.js';
import { ActorRef } from './actor-ref.js';
import { ActorStopped } from './errors.js';
import { answerPublishedCalls, publishedCaller } from './published-calls.js';
import { PublishedActor, type PublishedActorMessage } from './published.js';

/** The table is the state of an actor on the main agent. Workers have the same memory and leave it alone. */
export interface ActorRecords extends BridgeState {
  /** How many requests each writer may have under way. */
  readonly window: number;
}

type TableRequest = { readonly kind: 'write'; readonly entry: RecordEntry } | { readonly kind: 'read' };

const lineName = 'actor records';

function open({ capacity, payloadWords, queueCapacity }: BridgeOptions): ActorRecords {
  return { table: createRecordTable({ capacity, payloadWords }), window: queueCapacity };
}

class PublishedTableActor extends PublishedActor {
  readonly #table: RecordTable;

  constructor(table: RecordTable) {
    super('table');
    this.#table = table;
  }

  override handle({ type, payload }: PublishedActorMessage): unknown {
    if (type === 'read') return readTable(this.#table);
    const { key, payload: words } = payload as RecordEntry;
    return writeRecord(this.#table, key, words);
  }
}

/**
 * The printed actor on the main agent. Its queues do not reach into workers: each write is a message to the main agent, which
 * sends it on to the actor, and its answer back. The adapter makes workers wait until the main agent listens.
 */
const published: Bridge<ActorRecords> = {
  name: 'actor',
  variant: 'published',
  promises: {
    delivery: 'exactly once, if acknowledged, until a handler throws: then no request is answered any more',
    order: 'in the order in which requests arrive at the actor',
    freshness: 'every acknowledged write is seen',
    bounds: 'none',
    whoMayBlock: 'no thread; writers and readers wait for the answer, with no timeout',
    shutdown: 'none: the actor runs on',
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
    const actor = new PublishedTableActor(table);
    void actor.run();
    let applied = 0;
    for (const worker of workers) {
      const reply = new AsyncQueue<unknown>();
      answerPublishedCalls(worker, async (entry) => {
        await actor.send({ type: 'write', payload: entry, replyTo: reply });
        applied = (await reply.get()) as number;
        return applied;
      });
    }
    return {
      read: async () => {
        const reply = new AsyncQueue<unknown>();
        await actor.send({ type: 'read', payload: null, replyTo: reply });
        return (await reply.get()) as TableSnapshot;
      },
      stats: () => ({ loopQueueDepth: actor.queue.size, applied }),
      close: () => Promise.resolve(),
    };
  },
};

/** The table is owned by an actor on the main agent. Writers and readers send it requests. */
const hardened: Bridge<ActorRecords> = {
  name: 'actor',
  variant: 'hardened',
  promises: {
    delivery: 'exactly once, if acknowledged: by then it is in the table',
    order: 'first in, first out per writer; a write that begins after another was acknowledged comes after it',
    freshness: 'every write that was acknowledged before the read began is seen',
    bounds: 'queueCapacity requests under way per writer; `write` waits for room',
    whoMayBlock: 'no thread: writers and readers wait without blocking, until a timeout',
    shutdown: 'drains: what was accepted is handled, what comes later is rejected with ActorStopped',
  },
  open,
  writerEnd: (_, { main }) => {
    const ref = new ActorRef<TableRequest, unknown>(lineOver(main, lineName));
    return {
      write: async (entry) => {
        await ref.request({ kind: 'write', entry });
      },
      close: () => ref.close(),
    };
  },
  readerEnd: ({ table, window }, { workers }) => {
    let applied = 0;
    const actor = new Actor({
      name: 'table',
      state: table,
      // A line for each writer, and one for the readers.
      capacity: window * (workers.length + 1),
      handle: (state, request: TableRequest): TableSnapshot | number => {
        if (request.kind === 'read') return readTable(state);
        applied = writeRecord(state, request.entry.key, request.entry.payload);
        return applied;
      },
    });
    const writers = workers.map((worker) => actor.serve(lineOver(worker, lineName), { window }));
    const ref = new ActorRef<TableRequest, TableSnapshot>(actor.connect({ window }));
    let stopped: Promise<void> | undefined;
    return {
      read: async () => {
        try {
          return await ref.request({ kind: 'read' });
        } catch (error) {
          if (!(error instanceof ActorStopped)) throw error;
          await stopped;
          return readTable(table);
        }
      },
      stats: () => ({ loopQueueDepth: actor.mailboxSize, applied }),
      close: async () => {
        await Promise.all(writers);
        stopped ??= actor.stop();
        await stopped;
      },
    };
  },
};

/** Records owned by an actor, as the article prints it, and as you would ship it. */
export const actorRecords = { published, hardened };
