import fc from 'fast-check';
import { scenario } from 'threadmill';
import { count, monotonicVersion } from 'threadmill/invariants';

// One access to memory that cannot be interrupted: the cure for the counter that loads, then stores.
export default scenario({
  params: { increments: fc.integer({ min: 1, max: 3 }), reads: fc.integer({ min: 1, max: 3 }) },
  store: () => new Int32Array(new SharedArrayBuffer(4)),
  writers: {
    count: fc.integer({ min: 1, max: 4 }),
    run({ store, params, history }) {
      for (let increment = 0; increment < params.increments; increment++) {
        const began = history.write();
        Atomics.add(store, 0, 1);
        began.acknowledge();
      }
    },
  },
  readers: {
    count: fc.integer({ min: 1, max: 2 }),
    async run({ store, params, history, pause }) {
      for (let read = 0; read < params.reads; read++) {
        history.read(Atomics.load(store, 0));
        await pause();
      }
    },
  },
  invariants: [count({ of: (store: Int32Array) => store[0] }), monotonicVersion()],
  expect: 'held',
});
