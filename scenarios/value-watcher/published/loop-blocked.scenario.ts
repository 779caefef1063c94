import { parentPort } from 'node:worker_threads';
import { scenario } from 'threadmill';
import { createPublishedWatchedValue, PublishedValueWatcher } from 'threadmill/bridges';
import type { ConnectionState } from '../../connection.js';

// The worker's predicate asks the main agent for permission, and waits for the answer while it holds the lock. The main agent
// reads `value`, which blocks the event loop until the lock is free, so the question is never answered.
export default scenario({
  store: () => ({
    shared: createPublishedWatchedValue<ConnectionState>('connected', { consumers: 1, valueBytes: 16 }),
    answer: new Int32Array(new SharedArrayBuffer(4)),
  }),
  writers: {
    count: 1,
    run({ store: { shared, answer } }) {
      const mayClose = (): boolean => {
        parentPort!.postMessage('may I close?');
        Atomics.wait(answer, 0, 0);
        return Atomics.load(answer, 0) === 1;
      };
      parentPort!.once('message', () => new PublishedValueWatcher(shared).setIf('closing', mayClose));
    },
  },
  readers: {
    count: 1,
    async run({ store: { shared, answer }, workers, pause, history }) {
      workers[0]!.once('message', () => {
        Atomics.store(answer, 0, 1);
        Atomics.notify(answer, 0);
      });
      workers[0]!.postMessage('go');
      await pause();
      history.read({ state: new PublishedValueWatcher(shared).value });
    },
  },
  expect: 'deadlock',
});
