import { parentPort } from 'node:worker_threads';
import { scenario } from 'threadmill';
import { SimplifiedValueWatcher } from 'threadmill/bridges';
import type { ConnectionState } from '../../connection.js';

const watcher = new SimplifiedValueWatcher<ConnectionState>('connecting');

// The connection comes up and is closed again in one turn of the loop. The handler's wait for `connected` ends, and its queue
// is removed, with `closing` in it. The next wait, for `closing`, begins when that state is over.
export default scenario({
  writers: {
    count: 1,
    run() {
      parentPort!.once('message', () => parentPort!.postMessage('refused'));
    },
  },
  readers: {
    count: 1,
    async run({ workers, history }) {
      workers[0]!.once('message', () => {
        for (const state of ['connected', 'closing', 'closed'] as const) {
          watcher.set(state);
          history.read({ state });
        }
      });
      workers[0]!.postMessage('connect');
      await watcher.waitFor('connected');
      history.read({ waitsFor: 'closing', finds: watcher.value });
      await watcher.waitFor('closing');
    },
  },
  expect: 'deadlock',
});
