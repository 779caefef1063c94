import fc from 'fast-check';
import { scenario } from 'threadmill';
import { ownedLock, ownedLockWords, WaitTimeout, type OwnedLock } from 'threadmill/bridges';
import { count, mutualExclusion, quiescent } from 'threadmill/invariants';

const counter = ownedLockWords;

const given = (error: unknown): void => {
  if (!(error instanceof WaitTimeout)) throw error;
};

// Some give up waiting at any moment, even just as they are woken. Those that wait without a timeout must not miss their turn
// because of it: if they did, they would wait forever.
export default scenario({
  params: { timeoutMs: fc.integer({ min: 0, max: 2 }) },
  store: () => new Int32Array(new SharedArrayBuffer(4 * (ownedLockWords + 1))),
  writers: {
    count: fc.integer({ min: 2, max: 3 }),
    run({ store, params, history, index }) {
      const lock = ownedLock(store);
      const section = (): void => {
        const began = history.write('counter');
        store[counter]!++;
        began.acknowledge();
        lock.unlock();
      };
      for (const timeoutMs of index === 0 ? [undefined, undefined] : [params.timeoutMs, undefined]) {
        try {
          lock.lock({ timeoutMs });
          section();
        } catch (error) {
          given(error);
        }
      }
    },
  },
  readers: {
    count: fc.integer({ min: 1, max: 2 }),
    async run({ store, params, history, index }) {
      const lock: OwnedLock = ownedLock(store);
      for (const timeoutMs of index === 0 ? [params.timeoutMs] : [params.timeoutMs, undefined]) {
        try {
          await lock.lockAsync({ timeoutMs });
          const began = history.write('counter');
          store[counter]!++;
          began.acknowledge();
          lock.unlock();
        } catch (error) {
          given(error);
        }
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
