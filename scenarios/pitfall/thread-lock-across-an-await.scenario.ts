import { scenario } from 'threadmill';
import { mutex } from 'threadmill/bridges';

// A coroutine awaits while it has a lock that blocks threads. The next coroutine of the same agent wants the lock too, and
// blocks the event loop that the first one needs to continue and release it.
export default scenario({
  store: () => new Int32Array(new SharedArrayBuffer(4)),
  writers: {
    count: 1,
    run({ store }) {
      const lock = mutex(store);
      lock.lock();
      lock.unlock();
    },
  },
  readers: {
    count: 2,
    async run({ store, pause }) {
      const lock = mutex(store);
      lock.lock();
      await pause();
      lock.unlock();
    },
  },
  expect: 'deadlock',
});
