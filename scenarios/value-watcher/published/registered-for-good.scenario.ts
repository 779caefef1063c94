import { scenario } from 'threadmill';
import { createPublishedWatchedValue, PublishedValueWatcher, type PublishedWatchedValue } from 'threadmill/bridges';
import { quiescent } from 'threadmill/invariants';
import type { ConnectionState } from '../../connection.js';

// A wait removes itself from the list when it ends. If its worker ends first, it stays on the list forever: every setter keeps
// notifying it, and it takes up the room of a consumer.
export default scenario({
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
