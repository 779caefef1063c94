import { parentPort } from 'node:worker_threads';
import { scenario } from 'threadmill';
import { createPublishedWatchedValue, PublishedValueWatcher } from 'threadmill/bridges';
import { noTransitionMissed } from 'threadmill/invariants';
import type { ConnectionState } from '../../connection.js';

// A setter releases the lock before it notifies. Meanwhile another thread sets the next value and notifies first, and consumers
// see the second transition before the first.
export default scenario({
  store: () => createPublishedWatchedValue<ConnectionState>('connected', { consumers: 1, valueBytes: 16 }),
  writers: {
    count: 2,
    run({ store, index, history }) {
      parentPort!.once('message', () => {
        const watcher = new PublishedValueWatcher(store);
        const next = index === 0 ? 'closing' : 'closed';
        const began = history.write(next);
        began.acknowledge(watcher.set(next));
      });
    },
  },
  readers: {
    count: 1,
    run({ store, history, workers }) {
      const watcher = new PublishedValueWatcher(store);
      watcher.onChange((from, to) => history.read({ from, to }));
      for (const worker of workers) worker.postMessage('go');
    },
  },
  invariants: [noTransitionMissed({ initial: 'connected' })],
  expect: { verdict: 'violation', invariant: 'noTransitionMissed' },
});
