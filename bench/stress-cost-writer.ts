import { parentPort, workerData } from 'node:worker_threads';
import type { BridgeState } from 'threadmill/bridges/records';
import { write } from './scenarios/stress-cost-work.js';

/** A writer of the bare program: the same work without the harness. */
const { index } = workerData as { readonly index: number };

parentPort?.on('message', (task: { readonly state: BridgeState; readonly start: Int32Array }) => {
  if (!('state' in task) || parentPort === null) return;
  const { state, start } = task;
  Atomics.add(start, 1, 1);
  Atomics.notify(start, 1);
  while (Atomics.load(start, 0) === 0) Atomics.wait(start, 0, 0);
  void write(state, { index, main: parentPort }, async (_, make) => {
    await make();
  }).then(() => parentPort?.postMessage('finished'));
});
