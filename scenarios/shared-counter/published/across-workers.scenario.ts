import { scenario } from 'threadmill';
import { PublishedSharedCounter } from 'threadmill/bridges';
import { count } from 'threadmill/invariants';

// The counter's number is shared, its lock is not: each worker has its own lock, takes it at once, and reads the number before
// the other has written its own.
export default scenario({
  store: () => new Int32Array(new SharedArrayBuffer(4)),
  writers: {
    count: 2,
    async run({ store, history }) {
      const counter = new PublishedSharedCounter(store);
      const write = history.write();
      await counter.increment();
      write.acknowledge();
    },
  },
  invariants: [count({ of: (store: Int32Array) => store[0] })],
  expect: { verdict: 'violation', invariant: 'count' },
});
