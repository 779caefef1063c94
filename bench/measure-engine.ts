import { Bench } from 'tinybench';
import { ControlledEngine } from '../harness/engine/controlled/engine.js';
import { BareHandoffs } from './handoffs.js';
import { compileBenchScenario, execute, loadInto, simplestSchedule } from './in-process-engine.js';
import { inMacrotask } from './macrotask.js';
import { measurementsOf, type Measurement } from './measurement.js';

const handoffs = 4_000;
const pointKinds = ['load', 'add', 'read', 'write'] as const;

/** Bare handoffs, the engine's switches, and scheduling points without a switch. */
export async function measureEngine(): Promise<Measurement[]> {
  const switches = await compileBenchScenario('switches');
  const points = await compileBenchScenario('points');
  const bare = new BareHandoffs();
  const engine = new ControlledEngine(1_000);
  const everyStep = Array.from({ length: handoffs }, (_, step) => ({ step, to: 0 }));
  const switching = { writers: 2, readers: 0, params: {}, schedule: { ...simplestSchedule, preemptions: everyStep } };

  const rate = new Bench({ name: 'switches', time: 3_000, warmupTime: 1_000 });
  rate.add('bare handoffs', () => {
    bare.perform(handoffs);
  });
  rate.add('engine, a switch at every step', () => {
    engine.execute(switching, 0);
  });
  let switchesPerExecution = 0;
  await inMacrotask(() => {
    loadInto(engine, switches);
    execute(engine, switching);
    switchesPerExecution = engine.switches;
    rate.runSync();
  });
  await bare.close();

  const still = new Bench({ name: 'points', time: 1_500, warmupTime: 500 });
  const steps = new Map<string, number>();
  for (const kind of pointKinds) {
    still.add(`scheduling points, ${kind}`, () => {
      engine.execute({ writers: 1, readers: 0, params: { kind }, schedule: simplestSchedule }, 0);
    });
  }
  await inMacrotask(() => {
    loadInto(engine, points);
    for (const kind of pointKinds) {
      execute(engine, { writers: 1, readers: 0, params: { kind }, schedule: simplestSchedule });
      steps.set(`scheduling points, ${kind}`, engine.steps);
    }
    still.runSync();
  });
  return [
    ...measurementsOf(
      rate,
      'a second',
      new Map([
        ['bare handoffs', handoffs],
        ['engine, a switch at every step', switchesPerExecution],
      ]),
    ),
    ...measurementsOf(still, 'a second', steps),
  ];
}
