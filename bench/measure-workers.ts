import { Bench } from 'tinybench';
import { ControlledEngine } from '../harness/engine/controlled/engine.js';
import type { Plan } from '../harness/schedule/schedule.js';
import { compileBenchScenario, execute, loadInto, simplestSchedule } from './in-process-engine.js';
import { inMacrotask } from './macrotask.js';
import { measurementsOf, type Measurement } from './measurement.js';

const scenarios = {
  'two writers exchange ten messages': ['exchanging-writers', { writers: 2, readers: 1 }],
  'two started workers exchange ten messages': ['exchanging-workers', { writers: 0, readers: 0 }],
} as const;

/** Executions in which two threads exchange messages: declared as writers, and started by the program. */
export async function measureWorkers(): Promise<Measurement[]> {
  const measured: Measurement[] = [];
  for (const [name, [file, agents]] of Object.entries(scenarios)) {
    const compiled = await compileBenchScenario(file);
    const engine = new ControlledEngine(1_000);
    const plan: Plan = { ...agents, params: {}, schedule: simplestSchedule };
    const bench = new Bench({ name, time: 3_000, warmupTime: 1_000 });
    bench.add(name, () => {
      engine.execute(plan, 0);
    });
    await inMacrotask(() => {
      loadInto(engine, compiled);
      const before = performance.now();
      execute(engine, plan);
      console.log(`  (${name}: the first execution took ${Math.round(performance.now() - before)} ms)`);
      bench.runSync();
    });
    measured.push(...measurementsOf(bench, 'executions a second', new Map([[name, 1]])));
  }
  return measured;
}
