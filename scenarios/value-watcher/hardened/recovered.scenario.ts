import { parentPort } from 'node:worker_threads';
import { scenario } from 'threadmill';
import { createWatchedValue, ValueWatcher } from 'threadmill/bridges';

// A watching worker appears to be dead, and what it has not seen fills the log. Another one waits for room, until the main
// agent recovers the place of the first.
export default scenario({
  store: () => ({
    shared: createWatchedValue(0, { capacity: 2, handles: 3, valueBytes: 8 }),
    over: new Int32Array(new SharedArrayBuffer(4)),
  }),
  writers: {
    count: 2,
    run({ store: { shared, over }, index }) {
      parentPort!.once('message', () => {
        const watcher = new ValueWatcher(shared);
        if (index === 0) {
          watcher.onChange(() => undefined);
          parentPort!.postMessage(watcher.place);
          // It never gets back to its event loop while the others are at work.
          Atomics.wait(over, 0, 0);
          return;
        }
        for (let next = 1; next <= 4; next++) watcher.set(next, { timeoutMs: Infinity });
        watcher.close();
      });
    },
  },
  readers: {
    count: 1,
    async run({ store: { shared, over }, workers, pause }) {
      const watcher = new ValueWatcher(shared);
      const place = await new Promise<unknown>((resolve) => {
        workers[0]!.once('message', resolve);
        workers[0]!.postMessage('watch');
      });
      workers[1]!.postMessage('set');
      await pause();
      watcher.recover(place as number);
      await watcher.waitFor(4);
      watcher.close();
      Atomics.store(over, 0, 1);
      Atomics.notify(over, 0);
    },
  },
  expect: 'held',
});
