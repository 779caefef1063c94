import fc from 'fast-check';
import { scenario } from 'threadmill';
import { count } from 'threadmill/invariants';

// An assignment without an await in it: first wait, then read, add and write without interruption.
export default scenario({
  store: () => new Int32Array(new SharedArrayBuffer(4)),
  readers: {
    count: fc.integer({ min: 2, max: 4 }),
    async run({ store, history, pause }) {
      const fetchAmount = async (): Promise<number> => {
        await pause();
        return 1;
      };
      const write = history.write();
      const amount = await fetchAmount();
      store[0]! += amount;
      write.acknowledge();
    },
  },
  invariants: [count({ of: (store: Int32Array) => store[0] })],
  expect: 'held',
});
