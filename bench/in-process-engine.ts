import * as fastCheck from 'fast-check';
import { join } from 'node:path';
import type { ControlledEngine } from '../harness/engine/controlled/engine.js';
import { compileScenario } from '../harness/instrument/bundle.js';
import type { CompiledScenario } from '../harness/instrument/compiled.js';
import { defaultLimits } from '../harness/scenario/limits.js';
import type { Plan, Schedule } from '../harness/schedule/schedule.js';

const limits = { ...defaultLimits, steps: 100_000_000, stepsWithoutProgress: 100_000_000 };

/** The schedule that never preempts. */
export const simplestSchedule: Schedule = { order: [], preemptions: [], choices: [], randomSeed: 0 };

/** Compiles one of the benchmark's scenarios. */
export function compileBenchScenario(name: string): Promise<CompiledScenario> {
  const projectDirectory = process.cwd();
  return compileScenario({
    file: join(projectDirectory, 'bench', 'scenarios', `${name}.scenario.ts`),
    projectDirectory,
  });
}

/** Loads a scenario into the engine. */
export function loadInto(engine: ControlledEngine, compiled: CompiledScenario): void {
  engine.load(compiled, fastCheck);
  engine.configure(limits);
}

/** Performs a plan, and checks that the execution held. */
export function execute(engine: ControlledEngine, plan: Plan): void {
  engine.execute(plan, 0);
  const { verdict } = engine.executionResult(false);
  if (verdict !== 'held') throw new Error(`the benchmark's execution ended with ${verdict}`);
}
