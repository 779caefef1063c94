import { scenario } from 'threadmill';
import { ownedLock, ownedLockWords } from 'threadmill/bridges';

const finished = ownedLockWords;

// One coroutine waits for the lock, and another keeps their loop from running until all workers have had it. When the lock
// wakes the coroutine, which cannot continue, it wakes the workers too.
export default scenario({
  store: () => new Int32Array(new SharedArrayBuffer(4 * (ownedLockWords + 1))),
  writers: {
    count: 2,
    run({ store }) {
      const lock = ownedLock(store);
      lock.lock();
      lock.unlock();
      Atomics.add(store, finished, 1);
      Atomics.notify(store, finished);
    },
  },
  readers: {
    count: 2,
    async run({ store, writers, index }) {
      if (index === 0) {
        const lock = ownedLock(store);
        await lock.lockAsync();
        lock.unlock();
        return;
      }
      while (true) {
        const seen = Atomics.load(store, finished);
        if (seen === writers) return;
        Atomics.wait(store, finished, seen);
      }
    },
  },
  expect: 'held',
});
