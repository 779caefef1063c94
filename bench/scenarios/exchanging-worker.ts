import { parentPort, workerData, type MessagePort } from 'node:worker_threads';

const port = workerData as MessagePort;
port.on('message', (left: number) => {
  if (left > 0) port.postMessage(left - 1);
  if (left < 2) parentPort?.postMessage('done');
});
