import { parentPort, type MessagePort } from 'node:worker_threads';
import { scenario } from '../../harness/authoring.js';

/** Two declared writers that exchange ten messages: the measure for `exchanging-workers`. */
export default scenario({
  writers: {
    count: 2,
    run: () =>
      new Promise<void>((resolve) => {
        parentPort?.once('message', (port: MessagePort) => {
          port.on('message', (left: number) => {
            if (left > 0) port.postMessage(left - 1);
            if (left < 2) resolve();
          });
        });
      }),
  },
  readers: {
    count: 1,
    run({ workers }) {
      const { port1, port2 } = new MessageChannel();
      port1.postMessage(9);
      workers[0]?.postMessage(port1, [port1]);
      workers[1]?.postMessage(port2, [port2]);
    },
  },
});
