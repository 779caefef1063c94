import { createPublishedWatchedValue, PublishedValueWatcher } from 'threadmill/bridges';
import { hostile } from '../hostile.js';

// No set is lost and no value is torn, since the lock guards both. But it does not guard notifications, and
// consumers see versions go back.
export default hostile(
  {
    share: (initial, watchers) => createPublishedWatchedValue(initial, { consumers: watchers, valueBytes: 24 }),
    watch: (store) => new PublishedValueWatcher(store),
    end: () => undefined,
    valueOf: (store) => (store.lock[0] === 0 ? new PublishedValueWatcher(store).value : undefined),
  },
  { verdict: 'violation', invariant: 'monotonicVersion' },
);
