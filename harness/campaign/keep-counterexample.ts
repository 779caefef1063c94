import type { Counterexample, ScenarioResult } from '../results/schema.js';
import { saveCounterexample } from '../results/store.js';
import { HarnessError, type RunOptions } from './api.js';
import { scenarioFileProblem } from './named-scenario.js';

/**
 * Saves what a run found, unless it is not to be saved or could not be replayed: a scenario outside of the project is none
 * that a file may name. A folder that cannot be written becomes a
 * note: the run is to be told all the same.
 *
 * @returns the file, relative to the project; null if there is none
 */
export function keepCounterexample(
  options: RunOptions,
  counterexample: Counterexample | null,
  notes: string[],
): string | null {
  if (counterexample === null || options.save === false || counterexample.failure.verdict === 'uncontrolled')
    return null;
  const { file } = counterexample.scenario;
  const problem = scenarioFileProblem(options.projectDirectory, file);
  if (problem !== undefined) {
    notes.push(`the counterexample is not kept, since it could not be replayed: it ${problem}`);
    return null;
  }
  try {
    return saveCounterexample(options.projectDirectory, counterexample).file;
  } catch (error) {
    if (!(error instanceof HarnessError)) throw error;
    notes.push(error.message);
    return null;
  }
}

/** What a result says of its counterexample. @param file where it was saved */
export function summarize(
  { params, writers, readers, preemptions, steps, traceHash, failure }: Counterexample,
  file: string | null,
): NonNullable<ScenarioResult['counterexample']> {
  return { params, writers, readers, preemptions, steps, traceHash, failure, file };
}
