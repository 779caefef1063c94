import { createWatchedValue, readWatchedValue, ValueWatcher } from 'threadmill/bridges';
import { hostile } from '../hostile.js';

// All transitions go through one log, whichever thread makes them, and every consumer follows it.
export default hostile(
  {
    share: (initial, watchers) => createWatchedValue(initial, { capacity: 6, handles: watchers, valueBytes: 24 }),
    watch: (store) => new ValueWatcher(store),
    end: (watcher) => (watcher instanceof ValueWatcher ? watcher.close() : undefined),
    valueOf: readWatchedValue,
  },
  'held',
);
