import process from 'node:process';
import { Worker } from 'node:worker_threads';
import { BridgeUnderTest } from './bridge-under-test.js';
import { measureSteady } from './steady.js';
import type { RoundMessage, RoundTask } from './task.js';
import { measureTimed } from './timed.js';

/*
 * Each round has its own process, so its memory and processor time are those of the bridge, and its failure affects no other
 * round.
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

// Ctrl-C reaches the whole process group, but only the parent handles it. It kills rounds to end them.
process.on('SIGINT', () => undefined);
// The parent's id is on the command line, because the parent may end before this process looks for it.
new Worker(new URL('./watchdog.js', import.meta.url), { workerData: { parent: Number(process.argv[2]) } });
process.once('message', (task: RoundTask) => {
  perform(task)
    .catch((error: unknown) =>
      tell({ kind: 'crashed', message: error instanceof Error ? error.message : String(error) }),
    )
    .finally(() => process.exit());
});
process.once('disconnect', () => process.exit());
