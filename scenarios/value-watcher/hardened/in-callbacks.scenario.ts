import { parentPort } from 'node:worker_threads';
import { scenario } from 'threadmill';
import { createWatchedValue, ValueWatcher } from 'threadmill/bridges';
import { noTransitionMissed } from 'threadmill/invariants';
import type { ConnectionState } from '../../connection.js';

// What stops the published watcher or breaks its order: a callback that sets the value, a predicate that reads it. Callbacks do
// not run within `set`, and there is no lock that a predicate could take twice.
export default scenario({
  store: () => createWatchedValue<ConnectionState>('connected', { capacity: 4, handles: 2, valueBytes: 16 }),
  writers: {
    count: 1,
    run({ store, history }) {
      parentPort!.once('message', () => {
        const watcher = new ValueWatcher(store);
        const began = history.write('closing');
        began.acknowledge(watcher.setIf('closing', () => watcher.value === 'connected'));
        watcher.close();
      });
    },
  },
  readers: {
    count: 1,
    async run({ store, history, workers }) {
      const watcher = new ValueWatcher(store);
      watcher.onChange((_, to) => {
        if (to !== 'closing') return;
        const began = history.write('closed');
        began.acknowledge(watcher.set('closed'));
      });
      watcher.onChange((from, to) => history.read({ from, to }));
      workers[0]!.postMessage('go');
      await watcher.waitFor('closed');
      watcher.close();
    },
  },
  invariants: [noTransitionMissed({ initial: 'connected', consumers: 1 })],
  expect: 'held',
});
