import { parentPort } from 'node:worker_threads';
import { scenario } from 'threadmill';
import { createLockPair, mutex, PublishedLockPair } from 'threadmill/bridges';

// The first worker ends while it has the lock. The lock has no owner and no timeout, so the
// other worker waits forever.
export default scenario({
  store: () => createLockPair({ entries: 1, entryBytes: 16 }),
  writers: {
    count: 2,
    run({ store, index }) {
      if (index === 0) mutex(store.lock).lock();
      else new PublishedLockPair<string>(store).updateFromThread('mode', 'on', parentPort!);
    },
  },
  expect: 'deadlock',
});
