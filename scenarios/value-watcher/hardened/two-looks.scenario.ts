import { parentPort } from 'node:worker_threads';
import { scenario } from 'threadmill';
import { createWatchedValue, ValueWatcher } from 'threadmill/bridges';
import { noTransitionMissed } from 'threadmill/invariants';
import type { ConnectionState } from '../../connection.js';

// The cure for what is missed between two waits: a follower keeps everything until it is taken. So the handler that waits for
// `connected` and then for `closing` finds both, however fast the connection went through them.
export default scenario({
  store: () => createWatchedValue<ConnectionState>('connecting', { capacity: 4, handles: 2, valueBytes: 16 }),
  writers: {
    count: 1,
    run({ store, history }) {
      parentPort!.once('message', () => {
        const watcher = new ValueWatcher(store);
        for (const next of ['connected', 'closing', 'closed'] as const) {
          const began = history.write(next);
          began.acknowledge(watcher.set(next));
        }
        watcher.close();
      });
    },
  },
  readers: {
    count: 1,
    async run({ store, workers, history }) {
      const watcher = new ValueWatcher(store);
      const follower = watcher.follow();
      workers[0]!.postMessage('go');
      for (const state of ['connected', 'closing', 'closed'] as const) {
        history.read(await follower.until(({ to }) => to === state));
      }
      watcher.close();
    },
  },
  invariants: [noTransitionMissed({ initial: 'connecting', consumers: 1 })],
  expect: 'held',
});
