import { scenario } from 'threadmill';
import fc from 'fast-check';
import { createStateLock, StateLock } from 'threadmill/bridges';
import { mutualExclusion } from 'threadmill/invariants';

let lock: StateLock | undefined;

// Threads and coroutines take the same lock, the coroutines without blocking: there is never more than
// one in the locked section.
export default scenario({
  store: () => ({ lock: createStateLock(), state: new Int32Array(new SharedArrayBuffer(4)) }),
  writers: {
    count: fc.integer({ min: 1, max: 2 }),
    run({ store, history }) {
      const threadLock = new StateLock(store.lock);
      for (let change = 0; change < 2; change++) {
        threadLock.withLock(() => {
          const section = history.write('state');
          store.state[0]! += 1;
          section.acknowledge();
        });
      }
    },
  },
  readers: {
    count: fc.integer({ min: 1, max: 3 }),
    async run({ store, history, pause }) {
      lock ??= new StateLock(store.lock);
      await lock.withLockAsync(() => {
        const section = history.write('state');
        store.state[0]! += 1;
        section.acknowledge();
      });
      await pause();
    },
  },
  invariants: [mutualExclusion()],
});
