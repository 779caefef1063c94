import fc from 'fast-check';
import { scenario } from 'threadmill';
import { count } from 'threadmill/invariants';

// Each access is atomic, but the two together are not: a worker stopped between its load and its store writes back an old
// number, and everything the others added in between is lost. `store[0]++` is the same two accesses, in one expression.
export default scenario({
  params: { increments: fc.integer({ min: 1, max: 3 }) },
  store: () => new Int32Array(new SharedArrayBuffer(4)),
  writers: {
    count: fc.integer({ min: 2, max: 3 }),
    run({ store, params, history }) {
      for (let increment = 0; increment < params.increments; increment++) {
        const began = history.write();
        Atomics.store(store, 0, Atomics.load(store, 0) + 1);
        began.acknowledge();
      }
    },
  },
  readers: {
    count: 1,
    run({ store, history }) {
      history.read(Atomics.load(store, 0));
    },
  },
  invariants: [count({ of: (store: Int32Array) => store[0] })],
  expect: { verdict: 'violation', invariant: 'count' },
});
