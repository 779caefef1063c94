import { invariant, scenario } from 'threadmill';
import { createWatchedValue, ValueWatcher, WaitTimeout, WatcherClosed, type WatchedValue } from 'threadmill/bridges';
import { noTransitionMissed } from 'threadmill/invariants';

const end = 3;
const capacity = 4;

// Consumers come and go while workers set: one times out, one is cancelled, one has a callback that throws, and a whole watcher
// is closed with waits pending. The others see everything, and nothing is left of those that have gone.
export default scenario({
  store: () => createWatchedValue(0, { capacity, handles: 4, valueBytes: 8 }),
  writers: {
    count: 2,
    run({ store, index, history }) {
      const watcher = new ValueWatcher(store);
      for (const next of index === 0 ? [1, end] : [2]) {
        const began = history.write(next);
        began.acknowledge(watcher.setIf(next, (value) => value !== end));
      }
      watcher.close();
    },
  },
  readers: {
    count: 2,
    async run({ store, index, history, pause }) {
      const watcher = new ValueWatcher(store, { onError: () => undefined });
      if (index === 0) {
        const stop = watcher.onChange(() => {
          throw new Error('this callback always throws');
        });
        watcher.onChange((from, to, version) => history.read({ from, to, version }));
        await watcher.waitFor(end);
        stop();
        watcher.close();
        return;
      }
      const calledOff = new AbortController();
      const pending = Promise.allSettled([
        watcher.waitFor(-1, { timeoutMs: 5 }),
        watcher.waitFor(-1, { signal: calledOff.signal }),
        watcher.waitForChange({ timeoutMs: 5 }),
        watcher.follow().take(),
      ]);
      await pause();
      calledOff.abort(new WaitTimeout('called off'));
      watcher.close();
      for (const outcome of await pending) {
        if (outcome.status === 'fulfilled') continue;
        const reason: unknown = outcome.reason;
        if (!(reason instanceof WaitTimeout || reason instanceof WatcherClosed)) throw new Error(String(reason));
      }
    },
  },
  invariants: [
    noTransitionMissed(),
    invariant<WatchedValue<number>>('nobody who has left holds up setters', ({ store, final }) => {
      if (!final) return;
      const watcher = new ValueWatcher(store);
      for (let next = -1; next >= -2 * capacity; next--) watcher.set(next);
    }),
  ],
  expect: 'held',
});
