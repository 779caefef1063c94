import fc from 'fast-check';
import { scenario, type History } from 'threadmill';
import { ownedLock, ownedLockWords } from 'threadmill/bridges';
import { checksum, mutualExclusion, quiescent } from 'threadmill/invariants';

const left = ownedLockWords;
const right = left + 1;
/** The owner number of the dead writer; 0 while all are alive. */
const dead = left + 2;

/** Repairs what was left half done, under the lock. */
const repairPair = (store: Int32Array, history: History): void => {
  const section = history.write('pair');
  store[right] = store[left]!;
  section.acknowledge();
};

// A writer ends during its section and says so. A worker and a coroutine both recover the lock: one of them repairs what was
// left half done before others see it, and the agents asleep for the lock get it.
export default scenario({
  params: { sections: fc.integer({ min: 0, max: 1 }) },
  store: () => new Int32Array(new SharedArrayBuffer(4 * (ownedLockWords + 3))),
  writers: {
    count: fc.integer({ min: 2, max: 3 }),
    run({ store, params, history, index }) {
      const lock = ownedLock(store);
      if (index === 1) {
        while (Atomics.load(store, dead) === 0) Atomics.wait(store, dead, 0);
        lock.recover(Atomics.load(store, dead), () => repairPair(store, history));
      }
      for (let round = 0; round <= params.sections; round++) {
        lock.lock();
        const section = history.write('pair');
        history.read([store[left], store[right]]);
        store[left]!++;
        if (index === 0 && round === params.sections) {
          section.acknowledge();
          Atomics.store(store, dead, lock.owner);
          Atomics.notify(store, dead);
          return;
        }
        store[right]!++;
        section.acknowledge();
        lock.unlock();
      }
    },
  },
  readers: {
    count: 1,
    async run({ store, history }) {
      const lock = ownedLock(store);
      while (Atomics.load(store, dead) === 0) await Atomics.waitAsync(store, dead, 0).value;
      lock.recover(Atomics.load(store, dead), () => repairPair(store, history));
    },
  },
  invariants: [
    mutualExclusion(),
    checksum({
      of: (store: Int32Array) => [store[left], store[right]],
      valid: (pair: number[]) => pair[0] === pair[1],
    }),
    quiescent({ left: (store: Int32Array) => ownedLock(store).holder() }),
  ],
  expect: 'held',
});
