import { Worker, type MessagePort } from 'node:worker_threads';
import { scenario } from '../../harness/authoring.js';

const started = (port: MessagePort): Promise<void> => {
  const worker = new Worker(new URL('./exchanging-worker.ts', import.meta.url), {
    workerData: port,
    transferList: [port],
  });
  return new Promise((resolve) => {
    worker.once('message', resolve);
  });
};

/** A program that starts two workers, which exchange ten messages. */
export default scenario({
  async run() {
    const { port1, port2 } = new MessageChannel();
    port1.postMessage(9);
    await Promise.all([started(port1), started(port2)]);
  },
});
