import fc from 'fast-check';
import { scenario } from 'threadmill';
import { bounded } from 'threadmill/invariants';

const depth = 0;
const capacity = 1;

// Each producer checks whether there is room, and adds its item afterwards. Both halves are atomic, the whole is not: two
// producers that have seen the last free place both take it.
export default scenario({
  params: { items: fc.integer({ min: 1, max: 2 }) },
  store: () => new Int32Array(new SharedArrayBuffer(4)),
  writers: {
    count: fc.integer({ min: 2, max: 3 }),
    run({ store, params, history, index }) {
      for (let item = 0; item < params.items; item++) {
        const began = history.write([index, item]);
        if (Atomics.load(store, depth) === capacity) continue;
        Atomics.add(store, depth, 1);
        began.acknowledge();
      }
    },
  },
  invariants: [bounded({ depth: (store: Int32Array) => store[depth]!, limit: capacity })],
  expect: { verdict: 'violation', invariant: 'bounded' },
});
