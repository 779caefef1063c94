import { scenario } from 'threadmill';
import { ownedLock, ownedLockWords } from 'threadmill/bridges';
import { count, quiescent } from 'threadmill/invariants';

/** The first word of an owned lock, which names its owner. */
const state = 0;
const counter = ownedLockWords;
const dead = counter + 1;

// A worker dies during unlock(), when it has freed the lock and not yet woken any waiter. No agent has the lock then, and the
// sleeping waiters would sleep forever if `recover` did not wake them anyway.
export default scenario({
  store: () => new Int32Array(new SharedArrayBuffer(4 * (ownedLockWords + 2))),
  writers: {
    count: 3,
    run({ store, history, index }) {
      const lock = ownedLock(store);
      lock.lock();
      const section = history.write();
      store[counter]!++;
      section.acknowledge();
      if (index > 0) {
        lock.unlock();
      } else {
        Atomics.store(store, state, 0);
        Atomics.store(store, dead, lock.owner);
        Atomics.notify(store, dead);
      }
    },
  },
  readers: {
    count: 1,
    async run({ store }) {
      const lock = ownedLock(store);
      while (Atomics.load(store, dead) === 0) await Atomics.waitAsync(store, dead, 0).value;
      lock.recover(Atomics.load(store, dead));
    },
  },
  invariants: [
    count({ of: (store: Int32Array) => store[counter] }),
    quiescent({ left: (store: Int32Array) => ownedLock(store).holder() }),
  ],
  expect: 'held',
});
