import { scenario } from 'threadmill';
import { mutex } from 'threadmill/bridges';
import { count } from 'threadmill/invariants';

const lockWord = 0;
const hits = 1;

// Reading is under the lock, and so is writing, so each of them is atomic. The two together are not: both threads
// read before either writes.
export default scenario({
  store: () => new Int32Array(new SharedArrayBuffer(8)),
  writers: {
    count: 2,
    run({ store, history }) {
      const lock = mutex(store, lockWord);
      const write = history.write();
      const seen = lock.withLock(() => store[hits]!);
      lock.withLock(() => (store[hits] = seen + 1));
      write.acknowledge();
    },
  },
  invariants: [count({ of: (store: Int32Array) => store[hits] })],
  expect: { verdict: 'violation', invariant: 'count' },
});
