import { scenario } from 'threadmill';
import { createPublishedWatchedValue, PublishedValueWatcher } from 'threadmill/bridges';
import type { ConnectionState } from '../connection.js';

// `setIf` asks its predicate while it holds the lock. One that reads `value` waits for the lock that its own thread has.
export default scenario({
  name: 'value-watcher: published, predicate that reads the value',
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
