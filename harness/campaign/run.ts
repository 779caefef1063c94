import { randomInt } from 'node:crypto';
import { relative } from 'node:path';
import { runSchemaVersion, type RunRecord, type ScenarioResult } from '../results/schema.js';
import { readCorpus, writeRunRecord } from '../results/store.js';
import { threadmillVersion } from '../version.js';
import { StressJournal } from '../results/stress-journal.js';
import { UsageError, type Run, type RunOptions } from './api.js';
import { runStressScenario, stressDefaults } from './stress/run-stress-scenario.js';
import { asError } from './as-error.js';
import { checkOptions } from './check-options.js';
import { defaultExplorers } from './explorer-process.js';
import { ExplorerPool } from './explorer-pool.js';
import { findScenarioFiles } from './find-scenario-files.js';
import { loadScenario, type LoadedScenario } from './load-scenario.js';
import { defaultRuns, runScenario } from './run-scenario.js';
import type { Session } from './session.js';

const maximumSeed = 0x7fffffff;

/**
 * Runs scenarios: replays what earlier runs found, explores, shrinks, saves. What is found and finished is on disk at once.
 *
 * @returns the record of the run, which is also in `results/runs/` unless `save` is false
 * @throws UsageError for options or scenario files that cannot be used; nothing has been explored then
 * @throws HarnessError if the harness could not do its work
 */
export const run: Run = async (options, onEvent) => {
  checkOptions(options);
  const { projectDirectory, signal } = options;
  const seed = options.seed ?? randomInt(maximumSeed);
  const startedAt = new Date();
  const started = performance.now();
  const files = await findScenarioFiles(projectDirectory, options.files);
  if (options.path !== undefined && files.length !== 1) {
    throw new UsageError(
      `--path replays one execution of one scenario, but ${String(files.length)} files were found; name the file`,
    );
  }
  const pool = new ExplorerPool({ explorers: options.explorers, showOutput: options.path !== undefined });
  const isStopped = (): boolean => signal?.aborted === true;
  signal?.addEventListener('abort', () => {
    pool.close();
  });
  const results: ScenarioResult[] = [];
  const save = options.save !== false;
  const problems: Error[] = [];
  let hasStarted = false;
  const recordOf = (isOver: boolean): RunRecord => ({
    schema: 'threadmill/run',
    version: runSchemaVersion,
    threadmill: threadmillVersion(),
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    cpus: defaultExplorers(),
    seed,
    startedAt: startedAt.toISOString(),
    durationMs: Math.round(performance.now() - started),
    options: {
      engine: options.engine ?? 'controlled',
      files: files.map((file) => relative(projectDirectory, file).replaceAll('\\', '/')),
      runs: options.runs ?? (options.budgetMs === undefined ? defaultRuns : null),
      budgetMs: options.budgetMs ?? null,
      strategy: options.strategy ?? 'mix',
      repeat: options.repeat ?? 1,
      shard: options.shard === undefined ? null : `${String(options.shard.index)}/${String(options.shard.count)}`,
      path: options.path ?? null,
    },
    interrupted: !isOver || isStopped() || problems.length > 0,
    met: isOver && !isStopped() && problems.length === 0 && results.every((result) => result.met),
    scenarios: results,
  });
  let recordFile: string | undefined;
  /** The record is on disk from the first result on, so that no end of this process takes what is finished with it. */
  const keepRecord = (record: RunRecord): void => {
    if (save) recordFile = writeRunRecord(projectDirectory, record, recordFile);
  };
  try {
    const corpus = readCorpus(projectDirectory);
    const session: Session = { options, seed, pool, corpus: corpus.entries, emit: onEvent, isStopped };
    const scenarios = await loadAll(pool, projectDirectory, files);
    const journal = options.engine === 'stress' && save ? openJournal(options, seed, startedAt) : null;
    hasStarted = true;
    onEvent({ kind: 'runStarted', seed, scenarios: scenarios.length, explorers: pool.slots.length });
    for (const problem of corpus.problems) onEvent({ kind: 'note', message: problem });
    for (const scenario of scenarios) {
      if (isStopped()) break;
      const { result, problem } =
        options.engine === 'stress'
          ? await runStressScenario(session, scenario, journal)
          : await runScenario(session, scenario);
      results.push(result);
      if (problem !== undefined) throw problem;
      keepRecord(recordOf(false));
    }
  } catch (error) {
    // What is known by now is kept and told, whatever has come in the way of the rest.
    if (!hasStarted && !isStopped()) throw error;
    if (hasStarted) problems.push(asError(error));
  } finally {
    pool.close();
  }
  let record = recordOf(true);
  try {
    keepRecord(record);
  } catch (error) {
    problems.push(asError(error));
    record = recordOf(true);
  }
  onEvent({ kind: 'runFinished', record, recordFile: recordFile ?? null });
  const [problem] = problems;
  if (problem !== undefined) throw problem;
  return record;
};

function openJournal({ projectDirectory, stress }: RunOptions, seed: number, startedAt: Date): StressJournal {
  const { profile, amplify } = stressDefaults(stress);
  return new StressJournal(projectDirectory, {
    schema: 'threadmill/stress',
    version: 1,
    threadmill: threadmillVersion(),
    node: process.version,
    cpus: defaultExplorers(),
    seed,
    startedAt: startedAt.toISOString(),
    profile,
    amplify,
  });
}

/** Loads every scenario before the first is run, so that a mistake in the last file is known at once. */
async function loadAll(
  pool: ExplorerPool,
  projectDirectory: string,
  files: readonly string[],
): Promise<LoadedScenario[]> {
  const scenarios: LoadedScenario[] = [];
  const byName = new Map<string, string>();
  for (const file of files) {
    const scenario = await loadScenario(pool.first, projectDirectory, file);
    const other = byName.get(scenario.facts.name);
    if (other !== undefined) {
      throw new UsageError(
        `${scenario.file}: name: found "${scenario.facts.name}", which ${other} has too; names must differ`,
      );
    }
    byName.set(scenario.facts.name, scenario.file);
    scenarios.push(scenario);
  }
  return scenarios;
}
