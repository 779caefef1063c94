import { scenario } from 'threadmill';
import { createPublishedWatchedValue, PublishedValueWatcher, type PublishedWatchedValue } from 'threadmill/bridges';
import { quiescent } from 'threadmill/invariants';
import type { ConnectionState } from '../connection.js';

// A wait takes itself off the list when it ends. Those of a worker that ends first stay on it for good: every setter goes on
// notifying them, and each takes up the room of a consumer.
export default scenario({
  name: 'value-watcher: published, registered for good',
  store: () => createPublishedWatchedValue<ConnectionState>('connected', { consumers: 4, valueBytes: 16 }),
  writers: {
    count: 1,
    run({ store }) {
      void new PublishedValueWatcher(store).waitFor('closing');
    },
  },
  invariants: [
    quiescent({
      left: ({ consumers }: PublishedWatchedValue<ConnectionState>) =>
        consumers.slice(2).filter((number) => number > 0),
    }),
  ],
  expect: { verdict: 'violation', invariant: 'quiescent' },
});
