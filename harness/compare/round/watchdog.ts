import process from 'node:process';
import { workerData } from 'node:worker_threads';

/*
 * Ends the process when its parent is gone. A thread of its own sees that even while a bridge blocks the event loop of the main
 * agent, which would then never hear that its channel has been closed.
 */
const pollMs = 250;
const { parent } = workerData as { readonly parent: number };

setInterval(() => {
  if (process.ppid !== parent) process.kill(process.pid, 'SIGKILL');
}, pollMs);
