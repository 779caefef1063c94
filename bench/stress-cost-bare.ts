import { exit } from 'node:process';
import { setImmediate as turn } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { open, read, readerEnd, size } from './scenarios/stress-cost-work.js';

/** The workload in a plain program, without the harness. Prints how long it took, in milliseconds. */

const workers = Array.from(
  { length: size.writers },
  (_, index) => new Worker(new URL('stress-cost-writer.js', import.meta.url), { workerData: { index } }),
);

async function run(): Promise<number> {
  const state = open();
  const start = new Int32Array(new SharedArrayBuffer(8));
  const finished = workers.map(
    (worker) =>
      new Promise<void>((resolve) => {
        const listen = (message: unknown): void => {
          if (message !== 'finished') return;
          worker.off('message', listen);
          resolve();
        };
        worker.on('message', listen);
      }),
  );
  for (const worker of workers) worker.postMessage({ state, start });
  while (Atomics.load(start, 1) < size.writers) Atomics.wait(start, 1, Atomics.load(start, 1), 1_000);
  const startedAtMs = performance.now();
  Atomics.store(start, 0, 1);
  Atomics.notify(start, 0);
  const end = readerEnd(state, { workers });
  const reading = Array.from({ length: size.readers }, async (_, index) => {
    await read(end, turn, () => undefined);
    if (index === 0) await end.close();
  });
  await Promise.all([...reading, ...finished]);
  return performance.now() - startedAtMs;
}

console.log(await run());
exit();
