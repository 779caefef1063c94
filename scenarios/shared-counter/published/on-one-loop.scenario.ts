import fc from 'fast-check';
import { scenario } from 'threadmill';
import { PublishedSharedCounter } from 'threadmill/bridges';
import { count } from 'threadmill/invariants';

// All coroutines of one loop share one lock, so the counter counts correctly. It would without the lock too: nothing is awaited
// between reading and writing.
export default scenario({
  params: { coroutines: fc.integer({ min: 1, max: 3 }), increments: fc.integer({ min: 1, max: 3 }) },
  store: () => new Int32Array(new SharedArrayBuffer(4)),
  writers: {
    count: 1,
    async run({ store, params, history, pause }) {
      const counter = new PublishedSharedCounter(store);
      const countUp = async (): Promise<void> => {
        for (let increment = 0; increment < params.increments; increment++) {
          const write = history.write();
          await counter.increment();
          write.acknowledge();
          await pause();
        }
      };
      await Promise.all(Array.from({ length: params.coroutines }, countUp));
    },
  },
  invariants: [count({ of: (store: Int32Array) => store[0] })],
  expect: 'held',
});
