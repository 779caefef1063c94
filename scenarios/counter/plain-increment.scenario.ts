import fc from 'fast-check';
import { scenario } from 'threadmill';
import { count } from 'threadmill/invariants';

// `words[0]++` is one expression and two accesses to memory. A worker stopped between them writes back an old number, and
// everything the others added meanwhile is lost.
export default scenario({
  params: { increments: fc.integer({ min: 1, max: 3 }) },
  store: () => new Int32Array(new SharedArrayBuffer(4)),
  writers: {
    count: fc.integer({ min: 2, max: 3 }),
    run({ store, params, history }) {
      for (let increment = 0; increment < params.increments; increment++) {
        const began = history.write();
        store[0]!++;
        began.acknowledge();
      }
    },
  },
  invariants: [count({ of: (store: Int32Array) => store[0] })],
  expect: { verdict: 'violation', invariant: 'count' },
});
