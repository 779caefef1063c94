import * as fastCheck from 'fast-check';
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { allowedProcessors } from '../../harness/campaign/controlled/host.js';
import type * as engineModule from '../../harness/engine/controlled/engine.js';
import type * as bundleModule from '../../harness/instrument/bundle.js';
import type { Limits } from '../../harness/scenario/limits.js';
import { importBuilt, type Experiment } from './experiment.js';

/** A controlled engine in the test's own process. */
export type BuiltEngine = engineModule.ControlledEngine;

/** Calls a function on an empty stack, as executions need it. */
export function inMacrotask<Result>(run: () => Result): Promise<Result> {
  return new Promise((resolve, reject) => {
    setImmediate(() => {
      try {
        resolve(run());
      } catch (error) {
        reject(error instanceof Error ? error : new Error(String(error)));
      }
    });
  });
}

/**
 * Starts the built engine with a scenario, on one processor, as an explorer is: handing over the turn between two takes several times
 * as long.
 *
 * @param text of the scenario's file
 */
export async function startBuiltEngine(experiment: Experiment, text: string, limits: Limits): Promise<BuiltEngine> {
  const [processor] = allowedProcessors();
  if (processor !== undefined) spawnSync('taskset', ['--all-tasks', '-cp', String(processor), String(process.pid)]);
  const { ControlledEngine } = await importBuilt<typeof engineModule>('engine/controlled/engine.js');
  const { compileScenario } = await importBuilt<typeof bundleModule>('instrument/bundle.js');
  experiment.write('scenarios/in-process.scenario.ts', text);
  const file = path.join(experiment.project, 'scenarios/in-process.scenario.ts');
  const compiled = await compileScenario({ file, projectDirectory: experiment.project });
  const engine = new ControlledEngine(1_000);
  await inMacrotask(() => engine.load(compiled, fastCheck));
  engine.configure(limits);
  return engine;
}
