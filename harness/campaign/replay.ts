import { resolve } from 'node:path';
import { readCounterexample } from '../results/read-counterexample.js';
import { UsageError } from '../errors.js';
import { type Replay, type ReplayResult } from './api.js';
import { composeCounterexample } from './compose-counterexample.js';
import { ExplorerPool } from './controlled/explorer-pool.js';
import { firstDifferenceIndex } from './controlled/first-difference.js';
import { loadScenario, type LoadedScenario } from './controlled/load-scenario.js';
import { loadTests } from './controlled/load-tests.js';
import { namedScenarioFile } from './named-scenario.js';
import { planOf, replayPlan } from './controlled/replay-plan.js';

/**
 * Performs a saved counterexample again, without fast-check.
 *
 * @throws UsageError if the file or its scenario cannot be read, or do not fit each other
 */
export const replay: Replay = async ({ projectDirectory, file, times = 1, signal }) => {
  if (!Number.isSafeInteger(times) || times < 1) {
    throw new UsageError(`--times: found ${times}, expected a whole number of at least 1`);
  }
  const saved = readCounterexample(resolve(projectDirectory, file));
  const scenarioFile = namedScenarioFile(projectDirectory, saved.scenario, file);
  const pool = new ExplorerPool({ explorers: 1, showOutput: true });
  pool.first.startAhead();
  signal?.addEventListener('abort', () => {
    pool.close();
  });
  try {
    // The explorer has evaluated nothing before: it is looked at as a scenario, and has the process for itself all the same.
    const { test } = saved.scenario;
    const scenario =
      test === undefined
        ? await loadScenario(pool.first, projectDirectory, scenarioFile, 'others')
        : await loadTest(pool, projectDirectory, scenarioFile, test, file);
    const plan = planOf(saved);
    const counts = new Map<string, number>();
    const first = await replayPlan(pool.first, scenario, plan, true, file);
    counts.set(first.traceHash, 1);
    let different: typeof first | undefined;
    for (let performed = 1; performed < times; performed++) {
      const again = await replayPlan(pool.first, scenario, plan, false, file);
      counts.set(again.traceHash, (counts.get(again.traceHash) ?? 0) + 1);
      if (again.traceHash !== first.traceHash) different ??= again;
    }
    const result: ReplayResult = {
      saved,
      replayed: composeCounterexample({
        projectDirectory,
        scenario: saved.scenario,
        plan,
        executionResult: first,
        seed: saved.seed,
        path: saved.path,
        exhaustive: saved.exhaustive,
      }),
      times,
      agreeing: counts.get(saved.traceHash) ?? 0,
      traceHashes: [...counts].map(([traceHash, count]) => ({ traceHash, count })),
      firstDifference: null,
    };
    if (different === undefined) return result;
    const second = await replayPlan(pool.first, scenario, plan, true, file);
    const index = firstDifferenceIndex(first.trace, second.trace);
    return {
      ...result,
      firstDifference: index === -1 ? null : { first: first.trace[index] ?? null, second: second.trace[index] ?? null },
    };
  } finally {
    pool.close();
  }
};

/** @throws UsageError if the file no longer has the test, or it is not run */
async function loadTest(
  pool: ExplorerPool,
  projectDirectory: string,
  testFile: string,
  test: string,
  counterexampleFile: string,
): Promise<LoadedScenario> {
  const { tests } = await loadTests(pool.first, projectDirectory, testFile);
  const found = tests.find(({ tests: load }) => load?.selection.test === test);
  if (found !== undefined) return found;
  throw new UsageError(
    `${counterexampleFile} names the test "${test}", which ${testFile} does not have or skips. Correct the file, or delete the counterexample.`,
  );
}
