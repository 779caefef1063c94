import fc from 'fast-check';
import { scenario } from 'threadmill';

const ready = 0;

// The cure for the lost wake-up: sleep on the same word that changes, so that Atomics.wait returns at once if it has changed
// since the look. Readers wait for it too, without blocking their event loop.
export default scenario({
  store: () => new Int32Array(new SharedArrayBuffer(4)),
  writers: {
    count: fc.integer({ min: 1, max: 3 }),
    run({ store, index }) {
      if (index > 0) {
        while (Atomics.load(store, ready) === 0) Atomics.wait(store, ready, 0);
      } else {
        Atomics.store(store, ready, 1);
        Atomics.notify(store, ready);
      }
    },
  },
  readers: {
    count: fc.integer({ min: 1, max: 2 }),
    async run({ store }) {
      while (Atomics.load(store, ready) === 0) await Atomics.waitAsync(store, ready, 0).value;
    },
  },
  expect: 'held',
});
