import { parentPort } from 'node:worker_threads';
import fc from 'fast-check';
import { scenario } from 'threadmill';
import { AsyncEvent } from 'threadmill/bridges';
import type { ConnectionState } from '../connection.js';

const connected = new AsyncEvent();
const closing = new AsyncEvent();

// An event is boolean, and there is one for `connected` and one for `closing`. The waiter wants any state but `disconnected`,
// and must use the first. A connection that fails goes straight to `closing`, and the waiter waits forever.
export default scenario({
  params: { succeeds: fc.boolean() },
  writers: {
    count: 1,
    run({ params }) {
      const states: ConnectionState[] = params.succeeds
        ? ['connecting', 'connected', 'closing']
        : ['connecting', 'closing'];
      parentPort!.once('message', () => {
        for (const state of states) parentPort!.postMessage(state);
      });
    },
  },
  readers: {
    count: 2,
    async run({ index, workers, history }) {
      if (index === 1) {
        history.read('waits for not disconnected');
        await connected.wait();
        return;
      }
      workers[0]!.on('message', (state) => {
        history.read({ state });
        if (state === 'closing') closing.set();
        if (state === 'connected') connected.set();
      });
      workers[0]!.postMessage('listening');
      await closing.wait();
    },
  },
  expect: 'deadlock',
});
