import { scenario } from 'threadmill';
import { createPublishedWatchedValue, PublishedValueWatcher } from 'threadmill/bridges';
import { noTransitionMissed } from 'threadmill/invariants';
import type { ConnectionState } from '../../connection.js';

// Callbacks run within `set`. The first one closes the connection as soon as it is closing, and that `set` calls the second
// one, the log, before the outer `set` calls it. One thread is enough: the worker has nothing to do.
export default scenario({
  store: () => createPublishedWatchedValue<ConnectionState>('connected', { consumers: 2, valueBytes: 16 }),
  readers: {
    count: 1,
    run({ store, history }) {
      const watcher = new PublishedValueWatcher(store);
      const set = (next: ConnectionState): void => {
        const began = history.write(next);
        began.acknowledge(watcher.set(next));
      };
      watcher.onChange((_, to) => {
        if (to === 'closing') set('closed');
      });
      watcher.onChange((from, to) => history.read({ from, to }));
      set('closing');
    },
  },
  invariants: [noTransitionMissed({ initial: 'connected' })],
  expect: { verdict: 'violation', invariant: 'noTransitionMissed' },
});
