import { parentPort, workerData } from 'node:worker_threads';
import { recordBridges } from 'threadmill/bridges/records';
import { payloadOf, workload, type WriterTask } from './workload.js';

const task = workerData as WriterTask;
const bridge = recordBridges().find(({ name, variant }) => name === task.bridge && variant === task.variant);
if (bridge === undefined || parentPort === null) throw new Error(`no bridge ${task.bridge}, ${task.variant}`);

const end = bridge.writerEnd(task.state, { index: task.index, main: parentPort });
Atomics.add(task.barrier, 0, 1);
Atomics.notify(task.barrier, 0);
while (true) {
  const ready = Atomics.load(task.barrier, 0);
  if (ready === workload.writers) break;
  Atomics.wait(task.barrier, 0, ready);
}
for (let key = task.index; key < workload.keys; key += workload.writers)
  await end.write({ key, payload: payloadOf(key) });
await end.close();
// Anything that the bridge keeps open on this side is no longer needed.
parentPort.unref();
