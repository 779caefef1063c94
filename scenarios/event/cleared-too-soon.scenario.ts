import { parentPort } from 'node:worker_threads';
import { scenario } from 'threadmill';
import { AsyncEvent } from 'threadmill/bridges';

const closing = new AsyncEvent();

// The event is set when the connection is closing, and cleared when it is closed. The handler that drains the requests begins
// to wait for it a moment later, and waits forever.
export default scenario({
  writers: {
    count: 1,
    run() {
      parentPort!.once('message', () => {
        parentPort!.postMessage('closing');
        parentPort!.postMessage('closed');
      });
    },
  },
  readers: {
    count: 2,
    async run({ index, workers, history }) {
      if (index === 1) {
        history.read('waits for closing');
        await closing.wait();
        return;
      }
      const closed = new Promise<void>((resolve) => {
        workers[0]!.on('message', (state) => {
          history.read({ state });
          if (state === 'closing') closing.set();
          else {
            closing.clear();
            resolve();
          }
        });
      });
      workers[0]!.postMessage('connected');
      await closed;
    },
  },
  expect: 'deadlock',
});
