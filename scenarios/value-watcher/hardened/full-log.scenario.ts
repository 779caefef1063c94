import { parentPort } from 'node:worker_threads';
import { scenario } from 'threadmill';
import { createWatchedValue, ValueWatcher, WatcherLagging } from 'threadmill/bridges';
import { noTransitionMissed } from 'threadmill/invariants';

// The log holds two transitions. One worker waits for room, blocked; another one does not wait and is refused; the loop waits
// without blocking. No wait lasts forever, a refused set never happens, and the consumer sees the rest.
export default scenario({
  store: () => createWatchedValue(0, { capacity: 2, handles: 3, valueBytes: 8 }),
  writers: {
    count: 2,
    run({ store, index, history }) {
      parentPort!.once('message', () => {
        const watcher = new ValueWatcher(store);
        for (const next of [1, 2].map((value) => 10 * index + value)) {
          const began = history.write(next);
          try {
            began.acknowledge(watcher.set(next, index === 0 ? { timeoutMs: Infinity } : {}));
          } catch (error) {
            if (!(error instanceof WatcherLagging)) throw error;
            began.acknowledge(false);
          }
        }
        watcher.close();
        parentPort!.postMessage('done');
      });
    },
  },
  readers: {
    count: 1,
    async run({ store, history, workers }) {
      const watcher = new ValueWatcher(store);
      watcher.onChange((from, to) => history.read({ from, to }));
      const done = workers.map((worker) => new Promise((resolve) => worker.once('message', resolve)));
      for (const worker of workers) worker.postMessage('go');
      const began = history.write(-1);
      began.acknowledge(await watcher.setAsync(-1));
      await Promise.all(done);
      const last = history.write(-2);
      const seen = watcher.waitFor(-2);
      last.acknowledge(await watcher.setAsync(-2));
      await seen;
      watcher.close();
    },
  },
  invariants: [noTransitionMissed({ initial: 0, consumers: 1 })],
  expect: 'held',
});
