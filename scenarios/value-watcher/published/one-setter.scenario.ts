import { parentPort } from 'node:worker_threads';
import { scenario } from 'threadmill';
import { createPublishedWatchedValue, PublishedValueWatcher } from 'threadmill/bridges';
import { noTransitionMissed } from 'threadmill/invariants';
import type { ConnectionState } from '../../connection.js';

// While only one thread sets the value, its notifications come in the order of its sets, and callbacks see them all.
export default scenario({
  store: () => createPublishedWatchedValue<ConnectionState>('connected', { consumers: 2, valueBytes: 16 }),
  writers: {
    count: 1,
    run({ store, history }) {
      parentPort!.once('message', () => {
        const watcher = new PublishedValueWatcher(store);
        for (const next of ['closing', 'closed'] as const) {
          const began = history.write(next);
          began.acknowledge(watcher.set(next));
        }
      });
    },
  },
  readers: {
    count: 1,
    async run({ store, history, workers }) {
      const watcher = new PublishedValueWatcher(store);
      watcher.onChange((from, to) => history.read({ from, to }));
      const draining = watcher.waitFor('closing');
      workers[0]!.postMessage('go');
      await draining;
    },
  },
  invariants: [noTransitionMissed({ initial: 'connected', consumers: 1 })],
  expect: 'held',
});
