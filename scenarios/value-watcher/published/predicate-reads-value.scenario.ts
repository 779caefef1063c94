import { scenario } from 'threadmill';
import { createPublishedWatchedValue, PublishedValueWatcher } from 'threadmill/bridges';
import type { ConnectionState } from '../../connection.js';

// `setIf` calls its predicate while it holds the lock. A predicate that reads `value` waits for its own thread's lock.
export default scenario({
  store: () => createPublishedWatchedValue<ConnectionState>('connected', { consumers: 1, valueBytes: 16 }),
  writers: {
    count: 1,
    run({ store }) {
      const watcher = new PublishedValueWatcher(store);
      watcher.setIf('closing', () => watcher.value === 'connected');
    },
  },
  expect: 'deadlock',
});
