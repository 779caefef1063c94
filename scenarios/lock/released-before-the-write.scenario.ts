import fc from 'fast-check';
import { scenario } from 'threadmill';
import { mutex } from 'threadmill/bridges';
import { count } from 'threadmill/invariants';

const counter = 0;
const lock = 1;

// The mutex is sound, but the section under it ends too early: it protects the read and leaves out the write, so two workers
// may read the same number one after the other.
export default scenario({
  params: { increments: fc.integer({ min: 1, max: 3 }) },
  store: () => new Int32Array(new SharedArrayBuffer(8)),
  writers: {
    count: fc.integer({ min: 2, max: 3 }),
    run({ store, params, history }) {
      const guard = mutex(store, lock);
      for (let increment = 0; increment < params.increments; increment++) {
        const began = history.write();
        const next = guard.withLock(() => store[counter]! + 1);
        store[counter] = next;
        began.acknowledge();
      }
    },
  },
  invariants: [count({ of: (store: Int32Array) => store[counter] })],
  expect: { verdict: 'violation', invariant: 'count' },
});
