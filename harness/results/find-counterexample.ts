import { agentNames } from './agent-name.js';
import { schemaVersion, type Counterexample, type ScenarioResult } from './schema.js';
import { readCounterexample } from './read-counterexample.js';
import { realPathWithin } from './within-folder.js';

/**
 * Reads the counterexample that a run record mentions from the first of these folders that has it.
 *
 * @param folders absolute: projects, or folders that artifacts of a project were copied into
 */
export function findKeptCounterexample(
  folders: readonly string[],
  short: NonNullable<ScenarioResult['counterexample']>,
): Counterexample | undefined {
  if (short.file === null) return undefined;
  for (const folder of new Set(folders)) {
    const file = realPathWithin(folder, short.file);
    if (file === undefined) continue;
    try {
      const kept = readCounterexample(file);
      if (kept.traceHash === short.traceHash) return kept;
    } catch {
      // Missing or damaged: then there is less to show, but still something.
    }
  }
  return undefined;
}

/**
 * As much of a counterexample as a run record has: everything except its schedule and its trace.
 *
 * @param seed the run's
 * @returns null if the run did not find it by exploring: the record does not have the seed it came from
 */
export function counterexampleOf(result: ScenarioResult, seed: number): Counterexample | null {
  const { counterexample, path: campaignPath, executionsToFind, name, file, test } = result;
  if (counterexample === null || campaignPath === null || executionsToFind === null) return null;
  const { failure, writers, readers, params, preemptions, steps, traceHash } = counterexample;
  return {
    schema: 'threadmill/counterexample',
    version: schemaVersion,
    scenario: { name, file, ...(test === undefined ? {} : { test }) },
    failure,
    writers,
    readers,
    params,
    schedule: { order: [], preemptions: [], choices: [], randomSeed: 0 },
    preemptions,
    steps,
    traceHash,
    seed,
    path: campaignPath,
    agents: agentNames(writers),
    trace: [],
  };
}
