import { parentPort } from 'node:worker_threads';
import { scenario } from 'threadmill';
import { AsyncCondition } from 'threadmill/bridges';
import type { ConnectionState } from '../connection.js';

const condition = new AsyncCondition();
let state: ConnectionState = 'connected';

// What a condition can do: wait for a predicate that stays true once it is. The handler waits until the connection is closing
// or later, so it does not matter how late it looks.
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
          history.read({ waitsFor: 'closing or closed', finds: state });
          return state === 'closing' || state === 'closed';
        }),
      );
    },
  },
  expect: 'held',
});
