import { parentPort } from 'node:worker_threads';
import { scenario } from 'threadmill';

// A worker handle is an emitter, not a port: it keeps no messages. The reader does something else before it listens, and a
// greeting that arrives meanwhile is lost.
export default scenario({
  store: () => new Int32Array(new SharedArrayBuffer(4)),
  writers: {
    count: 1,
    run() {
      parentPort?.postMessage('ready');
    },
  },
  readers: {
    count: 1,
    async run({ workers, pause }) {
      await pause();
      await new Promise((resolve) => workers[0]!.once('message', resolve));
    },
  },
  expect: 'deadlock',
});
