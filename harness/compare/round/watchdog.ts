import process from 'node:process';
import { workerData } from 'node:worker_threads';

/*
 * Ends the process when its parent is gone. It has its own thread, because a bridge may block the event loop of the main
 * agent, which would then not notice that its channel has closed.
 */
const pollMs = 250;
const { parent } = workerData as { readonly parent: number };

setInterval(() => {
  if (process.ppid !== parent) process.kill(process.pid, 'SIGKILL');
}, pollMs);
