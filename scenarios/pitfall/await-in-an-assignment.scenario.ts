import { scenario } from 'threadmill';
import { count } from 'threadmill/invariants';

// One line with a yield point inside: JavaScript reads the counter before it evaluates the right-hand side, and adds the
// awaited value to what it has read. What other coroutines added in between is lost.
export default scenario({
  store: () => new Int32Array(new SharedArrayBuffer(4)),
  readers: {
    count: 2,
    async run({ store, history, pause }) {
      const fetchAmount = async (): Promise<number> => {
        await pause();
        return 1;
      };
      const write = history.write();
      store[0]! += await fetchAmount();
      write.acknowledge();
    },
  },
  invariants: [count({ of: (store: Int32Array) => store[0] })],
  expect: { verdict: 'violation', invariant: 'count' },
});
