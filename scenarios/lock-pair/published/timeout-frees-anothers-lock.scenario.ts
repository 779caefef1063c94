import { scenario } from 'threadmill';
import { createStateLock, PublishedLocks, StateReadTimeout } from 'threadmill/bridges';
import { mutualExclusion } from 'threadmill/invariants';

let locks: PublishedLocks | undefined;

// A coroutine takes its time under the lock. The second one gives up waiting, and on its way out releases the first one's lock:
// the third one enters.
export default scenario({
  store: createStateLock,
  readers: {
    count: 3,
    async run({ store, history, pause }) {
      locks ??= new PublishedLocks(store);
      try {
        await locks.withAsyncLock({ timeoutMs: 10 }, async () => {
          const section = history.write('state');
          await pause();
          section.acknowledge();
        });
      } catch (error) {
        if (!(error instanceof StateReadTimeout)) throw error;
      }
    },
  },
  invariants: [mutualExclusion()],
  expect: { verdict: 'violation', invariant: 'mutualExclusion' },
});
