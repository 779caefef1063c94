import process from 'node:process';
import { Worker } from 'node:worker_threads';
import { BridgeUnderTest } from './bridge-under-test.js';
import { measureSteady } from './steady.js';
import type { RoundMessage, RoundTask } from './task.js';
import { measureTimed } from './timed.js';

/*
 * A process of its own for each round: the memory and the processor time it takes are the bridge's, and what becomes of it befalls
 * nobody else.
 */

function tell(message: RoundMessage): Promise<void> {
  return new Promise((resolve) => {
    process.send?.(message, undefined, undefined, () => resolve());
  });
}

async function perform(task: RoundTask): Promise<void> {
  const test = new BridgeUnderTest(task);
  const timed = await measureTimed(test, task, (records) => void tell({ kind: 'batch', records }));
  await tell({ kind: 'timed', result: timed });
  if (task.steady !== null) await tell({ kind: 'steady', result: await measureSteady(test, task.steady) });
  await tell({ kind: 'phase', name: 'close' });
  await test.close();
  await tell({ kind: 'ended', violations: test.violations.kept, violationCount: test.violations.count });
}

// Whoever wants to be rid of a round kills it; Ctrl-C goes to the whole group of processes, and is the parent's to handle.
process.on('SIGINT', () => undefined);
// By its number on the command line: a parent may be gone before this process has come to look for it.
new Worker(new URL('./watchdog.js', import.meta.url), { workerData: { parent: Number(process.argv[2]) } });
process.once('message', (task: RoundTask) => {
  perform(task)
    .catch((error: unknown) =>
      tell({ kind: 'crashed', message: error instanceof Error ? error.message : String(error) }),
    )
    .finally(() => process.exit());
});
process.once('disconnect', () => process.exit());
