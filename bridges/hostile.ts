import { parentPort } from 'node:worker_threads';
import fc from 'fast-check';
import {
  scenario,
  type Expectation,
  type Invariant,
  type Limits,
  type ScenarioDefinition,
  type WorkerHandle,
} from 'threadmill';
import type { Bridge, BridgeState, ReaderEnd } from 'threadmill/bridges/records';
import { checksum, count, monotonicVersion } from 'threadmill/invariants';

const params = { writes: fc.integer({ min: 1, max: 2 }), reads: fc.integer({ min: 1, max: 2 }) };

/** The maximum number of keys that all writers share. */
const sharedKeys = 64;
/** How many keys a writer with this many writes has for itself. It writes some of them repeatedly. */
const keysOfEach = (writes: number): number => Math.ceil(writes / 64);

export interface HostileOptions<State extends BridgeState> {
  /** The name of the scenario. Default: its file's path below `scenarios/`. */
  readonly name?: string;
  readonly expect: Expectation;
  /**
   * Whether each writer has its own keys or all write the same keys. With the same keys, a bridge must also keep the order of
   * writes of different writers. Default `own`.
   */
  readonly keys?: 'own' | 'shared';
  /** In addition to `count`, `checksum` and `monotonicVersion`. */
  readonly invariants?: readonly Invariant<State>[];
  readonly limits?: Partial<Limits>;
}

/**
 * Several writers, several readers and one bridge between them: what goes in must come out, whole, once, and no version may go
 * back. Queues hold two writes, or an eighth of what a writer writes, so that they fill up. Use it as the default export of a
 * scenario file to find out whether you can trust your own bridge:
 *
 * @example
 * const mine = hostile(dualQueueRecords.hardened, { expect: 'held' });
 * assert.equal(mine.expect, 'held');
 */
export function hostile<State extends BridgeState>(
  bridge: Bridge<State>,
  { name, expect, keys = 'own', invariants = [], limits }: HostileOptions<State>,
): ScenarioDefinition<typeof params, State> {
  const readerEnds = new WeakMap<object, ReaderEnd>();
  const readerEndOf = (state: State, workers: readonly WorkerHandle[]): ReaderEnd => {
    let end = readerEnds.get(state);
    if (end === undefined) readerEnds.set(state, (end = bridge.readerEnd(state, { workers })));
    return end;
  };
  return scenario({
    ...(name === undefined ? {} : { name }),
    params,
    store: ({ params: { writes }, writers }) =>
      bridge.open({
        writers,
        capacity: keys === 'own' ? writers * keysOfEach(writes) : Math.min(writes, sharedKeys),
        payloadWords: 2,
        queueCapacity: Math.max(2, writes >> 3),
      }),
    writers: {
      count: fc.integer({ min: 2, max: 3 }),
      async run({ store, params: { writes }, history, index }) {
        const end = bridge.writerEnd(store, { index, main: parentPort! });
        for (let write = 0; write < writes; write++) {
          const key = keys === 'own' ? index * keysOfEach(writes) + (write % keysOfEach(writes)) : write % sharedKeys;
          const entry = { key, payload: [index, write] };
          const began = history.write(entry);
          await end.write(entry);
          began.acknowledge();
        }
        await end.close();
      },
    },
    readers: {
      count: fc.integer({ min: 1, max: 2 }),
      async run({ store, params: { reads }, history, index, pause, workers, watch }) {
        const end = readerEndOf(store, workers);
        watch('thread queue', () => end.stats().threadQueueDepth ?? 0);
        watch('loop queue', () => end.stats().loopQueueDepth ?? 0);
        for (let read = 0; read < reads; read++) {
          history.read(await end.read());
          await pause();
        }
        if (index === 0) await end.close();
      },
    },
    invariants: [
      count({ of: (state: State) => state.table }),
      checksum({ of: (state: State) => state.table }),
      monotonicVersion(),
      ...invariants,
    ],
    stress: ({ writers, iterations, readers }) => ({
      writers,
      readers,
      params: { writes: Math.ceil(iterations / writers), reads: 3 },
    }),
    expect,
    ...(limits === undefined ? {} : { limits }),
  });
}
