import fc from 'fast-check';
import { scenario } from 'threadmill';
import { mutex } from 'threadmill/bridges';

// Each worker holds what the other one waits for. Any order would work, if both used the same.
export default scenario({
  params: { transfers: fc.integer({ min: 1, max: 3 }) },
  store: () => new Int32Array(new SharedArrayBuffer(8)),
  writers: {
    count: 2,
    run({ store, params, index }) {
      const own = mutex(store, index);
      const other = mutex(store, 1 - index);
      for (let transfer = 0; transfer < params.transfers; transfer++) {
        own.lock();
        other.lock();
        other.unlock();
        own.unlock();
      }
    },
  },
  expect: 'deadlock',
});
