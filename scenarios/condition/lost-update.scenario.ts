import { parentPort } from 'node:worker_threads';
import { scenario } from 'threadmill';
import { AsyncCondition } from 'threadmill/bridges';
import type { ConnectionState } from '../connection.js';

const condition = new AsyncCondition();
let state: ConnectionState = 'connected';

// The signal to close arrives, and the connection is closed in the same turn of the event loop. The handler is woken for
// `closing` and finds `closed`, so it goes back to sleep forever.
export default scenario({
  writers: {
    count: 1,
    run() {
      parentPort!.once('message', () => parentPort!.postMessage('close'));
    },
  },
  readers: {
    count: 1,
    async run({ workers, history }) {
      const setState = (next: ConnectionState): Promise<void> =>
        condition.withLock(() => {
          state = next;
          history.read({ state });
          condition.notifyAll();
        });
      workers[0]!.once('message', () => {
        void setState('closing');
        void setState('closed');
      });
      workers[0]!.postMessage('connected');
      await condition.withLock(() =>
        condition.waitFor(() => {
          history.read({ waitsFor: 'closing', finds: state });
          return state === 'closing';
        }),
      );
    },
  },
  expect: 'deadlock',
});
