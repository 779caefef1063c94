import { parentPort } from 'node:worker_threads';
import { scenario } from 'threadmill';
import { createLockPair, mutex, PublishedLockPair } from 'threadmill/bridges';

// The first worker ends while it has the lock. The lock knows neither whose it is nor a time-out, so the other worker waits
// for ever.
export default scenario({
  name: 'lock-pair: a worker dies while it has the lock, published',
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
