import fc from 'fast-check';
import { scenario } from 'threadmill';
import { mutex } from 'threadmill/bridges';
import { count, monotonicVersion } from 'threadmill/invariants';

const counter = 0;
const lock = 1;

// A plain increment is two accesses to memory. Here it has a mutex around it. Readers take the mutex too, blocking their whole event loop.
export default scenario({
  params: { increments: fc.integer({ min: 1, max: 3 }), reads: fc.integer({ min: 1, max: 2 }) },
  store: () => new Int32Array(new SharedArrayBuffer(8)),
  writers: {
    count: fc.integer({ min: 1, max: 3 }),
    run({ store, params, history }) {
      const guard = mutex(store, lock);
      for (let increment = 0; increment < params.increments; increment++) {
        const began = history.write();
        guard.withLock(() => store[counter]!++);
        began.acknowledge();
      }
    },
  },
  readers: {
    count: fc.integer({ min: 1, max: 2 }),
    async run({ store, params, history, pause }) {
      const guard = mutex(store, lock);
      for (let read = 0; read < params.reads; read++) {
        history.read(guard.withLock(() => store[counter]));
        await pause();
      }
    },
  },
  invariants: [count({ of: (store: Int32Array) => store[counter] }), monotonicVersion()],
  expect: 'held',
});
