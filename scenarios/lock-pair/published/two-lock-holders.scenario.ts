import { scenario } from 'threadmill';
import { createStateLock, PublishedLocks } from 'threadmill/bridges';
import { mutualExclusion } from 'threadmill/invariants';

// The thread has the lock of threads, the coroutine the lock of coroutines. Neither excludes the other, so both are in the
// locked section at once.
export default scenario({
  store: () => ({ lock: createStateLock(), state: new Int32Array(new SharedArrayBuffer(4)) }),
  writers: {
    count: 1,
    run({ store, history }) {
      new PublishedLocks(store.lock).withThreadLock(() => {
        const section = history.write('state');
        store.state[0] = 1;
        section.acknowledge();
      });
    },
  },
  readers: {
    count: 1,
    async run({ store, history }) {
      await new PublishedLocks(store.lock).withAsyncLock({ timeoutMs: 1_000 }, () => {
        const section = history.write('state');
        section.acknowledge(store.state[0]);
      });
    },
  },
  invariants: [mutualExclusion()],
  expect: { verdict: 'violation', invariant: 'mutualExclusion' },
});
