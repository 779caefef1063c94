import { parentPort } from 'node:worker_threads';
import { scenario } from 'threadmill';
import { createPublishedWatchedValue, PublishedValueWatcher } from 'threadmill/bridges';
import type { ConnectionState } from '../../connection.js';

// A wait removes its queue when it ends. The log wants to see every change, but `closed` is set after the wait for `closing`
// has ended and before the next one begins: it goes into a queue that is never read again.
export default scenario({
  store: () => createPublishedWatchedValue<ConnectionState>('connected', { consumers: 1, valueBytes: 16 }),
  writers: {
    count: 1,
    run({ store }) {
      parentPort!.once('message', () => {
        const watcher = new PublishedValueWatcher(store);
        watcher.set('closing');
        watcher.set('closed');
      });
    },
  },
  readers: {
    count: 1,
    async run({ store, workers, history }) {
      const watcher = new PublishedValueWatcher(store);
      const first = watcher.waitForChange();
      workers[0]!.postMessage('go');
      for (let state = await first; state !== 'closed'; state = await watcher.waitForChange()) {
        history.read({ state });
      }
    },
  },
  expect: 'deadlock',
});
