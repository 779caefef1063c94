import fc from 'fast-check';
import { scenario } from 'threadmill';
import { bounded } from 'threadmill/invariants';

const depth = 0;
const capacity = 2;

// One exchange finds and takes room. It fails if another producer has changed the depth in between.
export default scenario({
  params: { items: fc.integer({ min: 1, max: 2 }) },
  store: () => new Int32Array(new SharedArrayBuffer(4)),
  writers: {
    count: fc.integer({ min: 2, max: 3 }),
    run({ store, params, history, index }) {
      for (let item = 0; item < params.items; item++) {
        const began = history.write([index, item]);
        let found = Atomics.load(store, depth);
        while (found < capacity) {
          const before = Atomics.compareExchange(store, depth, found, found + 1);
          if (before === found) {
            began.acknowledge();
            break;
          }
          found = before;
        }
      }
    },
  },
  invariants: [bounded({ depth: (store: Int32Array) => store[depth]!, limit: capacity })],
  expect: 'held',
});
