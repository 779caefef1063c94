import fc from 'fast-check';
import { scenario } from 'threadmill';
import { ownedLock, ownedLockWords } from 'threadmill/bridges';
import { count, mutualExclusion, quiescent } from 'threadmill/invariants';

const counter = ownedLockWords;

// Workers block for the lock, coroutines wait for it without blocking their loop, and all of them change one plain number.
export default scenario({
  params: { sections: fc.integer({ min: 1, max: 2 }) },
  store: () => new Int32Array(new SharedArrayBuffer(4 * (ownedLockWords + 1))),
  writers: {
    count: fc.integer({ min: 1, max: 3 }),
    run({ store, params, history }) {
      const lock = ownedLock(store);
      for (let round = 0; round < params.sections; round++) {
        lock.lock();
        const section = history.write('counter');
        store[counter]!++;
        section.acknowledge();
        lock.unlock();
      }
    },
  },
  readers: {
    count: fc.integer({ min: 1, max: 2 }),
    async run({ store, params, history }) {
      const lock = ownedLock(store);
      for (let round = 0; round < params.sections; round++) {
        await lock.lockAsync();
        const section = history.write('counter');
        store[counter]!++;
        section.acknowledge();
        lock.unlock();
      }
    },
  },
  invariants: [
    mutualExclusion(),
    count({ of: (store: Int32Array) => store[counter] }),
    quiescent({ left: (store: Int32Array) => ownedLock(store).holder() }),
  ],
  expect: 'held',
});
