import fc from 'fast-check';
import { scenario } from 'threadmill';
import { count } from 'threadmill/invariants';

// One thread is enough for a lost update: each coroutine reads, lets the others run while it waits, and then writes
// back what it read before.
export default scenario({
  params: { increments: fc.integer({ min: 1, max: 3 }) },
  store: () => new Int32Array(new SharedArrayBuffer(4)),
  writers: {
    count: 1,
    async run({ store, params, history, pause }) {
      const increment = async (): Promise<void> => {
        for (let done = 0; done < params.increments; done++) {
          const began = history.write();
          const before = store[0]!;
          await pause();
          store[0] = before + 1;
          began.acknowledge();
        }
      };
      await Promise.all([increment(), increment()]);
    },
  },
  invariants: [count({ of: (store: Int32Array) => store[0] })],
  expect: { verdict: 'violation', invariant: 'count' },
});
