import { parentPort } from 'node:worker_threads';
import fc from 'fast-check';
import { scenario } from 'threadmill';
import type { ScenarioDefinition, WorkerHandle } from 'threadmill';
import type { Bridge, BridgeState, ReaderEnd } from 'threadmill/bridges/records';
import { checksum, count, monotonicVersion } from 'threadmill/invariants';

const params = { writes: fc.integer({ min: 1, max: 2 }), reads: fc.integer({ min: 1, max: 2 }) };

/**
 * The workload of a comparison in small, for the controlled engine: several writers with keys of their own, several readers,
 * one bridge between them, closed when the first reader is done.
 *
 * This file is copied beside the scenarios that are made of it, so it imports what any scenario might.
 */
export function hostile<State extends BridgeState>(
  name: string,
  bridge: Bridge<State>,
): ScenarioDefinition<typeof params, State> {
  const readerEnds = new WeakMap<object, ReaderEnd>();
  const readerEndOf = (state: State, workers: readonly WorkerHandle[]): ReaderEnd => {
    let end = readerEnds.get(state);
    if (end === undefined) readerEnds.set(state, (end = bridge.readerEnd(state, { workers })));
    return end;
  };
  return scenario({
    name,
    params,
    // Queues hold two writes, so that they fill up.
    store: () => bridge.open({ writers: 3, capacity: 3, payloadWords: 2, queueCapacity: 2 }),
    writers: {
      count: fc.integer({ min: 2, max: 3 }),
      async run({ store, params: { writes }, history, index }) {
        const end = bridge.writerEnd(store, { index, main: parentPort! });
        for (let write = 0; write < writes; write++) {
          const entry = { key: index, payload: [index, write] };
          const began = history.write(entry);
          await end.write(entry);
          began.acknowledge();
        }
        await end.close();
      },
    },
    readers: {
      count: fc.integer({ min: 1, max: 2 }),
      async run({ store, params: { reads }, history, index, pause, workers }) {
        const end = readerEndOf(store, workers);
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
    ],
    expect: 'held',
  });
}
