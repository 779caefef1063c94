import { scenario } from 'threadmill';

const pageSize = 0;

// Workers are started in this order, but nothing makes them run in it. The second may look before the first has published
// anything, and throws.
export default scenario({
  store: () => new Int32Array(new SharedArrayBuffer(4)),
  writers: {
    count: 2,
    run({ store, index }) {
      if (index === 0) {
        Atomics.store(store, pageSize, 4096);
      } else if (Atomics.load(store, pageSize) === 0) {
        throw new Error('The page size has not been published yet.');
      }
    },
  },
  expect: 'crash',
});
