import { scenario } from 'threadmill';
import { mutex } from 'threadmill/bridges';
import { count } from 'threadmill/invariants';

const lockWord = 0;
const visits = 1;
const published = 2;

// Copy what you need under the lock, and await afterwards, without it: the event loop blocks at most for other threads, which
// never wait for it.
export default scenario({
  store: () => new Int32Array(new SharedArrayBuffer(12)),
  writers: {
    count: 1,
    run({ store, history }) {
      const write = history.write();
      mutex(store, lockWord).withLock(() => (store[visits]! += 1));
      write.acknowledge();
    },
  },
  readers: {
    count: 2,
    async run({ store, pause }) {
      const copy = mutex(store, lockWord).withLock(() => store[visits]!);
      await pause();
      Atomics.store(store, published, copy);
    },
  },
  invariants: [count({ of: (store: Int32Array) => store[visits] })],
});
