import { Bench } from 'tinybench';
import { counterWithFastCheckScheduler } from './counter-with-fast-check-scheduler.js';
import { measurementsOf, type Measurement } from './measurement.js';

const executions = 128;

/** The counter under fast-check's own scheduler, as a baseline. */
export async function measureFastCheckScheduler(): Promise<Measurement[]> {
  const bench = new Bench({ time: 5_000, warmupTime: 2_000 });
  let seed = 0;
  bench.add("fast-check's own scheduler", async () => {
    await counterWithFastCheckScheduler(executions, seed++);
  });
  await bench.run();
  return measurementsOf(bench, 'executions a second', new Map([["fast-check's own scheduler", executions]]));
}
