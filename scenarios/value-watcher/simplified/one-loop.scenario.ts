import { parentPort } from 'node:worker_threads';
import { scenario } from 'threadmill';
import { SimplifiedValueWatcher } from 'threadmill/bridges';
import type { ConnectionState } from '../../connection.js';

const watcher = new SimplifiedValueWatcher<ConnectionState>('connected');

// The queue is registered before the value is looked at, and on one loop nothing comes in between. A wait that has begun sees
// `closing`, even if the value is `closed` when it runs. A later wait finds its value at once, or not at all.
export default scenario({
  writers: {
    count: 1,
    run() {
      parentPort!.once('message', () => parentPort!.postMessage('close'));
    },
  },
  readers: {
    count: 3,
    async run({ index, workers, pause }) {
      if (index === 0) {
        workers[0]!.once('message', () => {
          watcher.set('closing');
          watcher.set('closed');
        });
        const draining = watcher.waitFor('closing');
        workers[0]!.postMessage('connected');
        await draining;
      } else {
        if (index === 2) await pause();
        await watcher.waitFor('closed');
      }
    },
  },
  expect: 'held',
});
