import { randomInt } from 'node:crypto';
import { lstatSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { Corpus } from '../results/read-counterexample.js';
import type { LeftOutTest, RunRecord, ScenarioResult } from '../results/schema.js';
import { runSchemaVersion } from '../results/schema-versions.js';
import { codeOf, resultsFolders, writeRunRecord } from '../results/folder.js';
import { threadmillVersion } from '../version.js';
import { StressJournal } from '../results/stress-journal.js';
import { HarnessError, UsageError } from '../errors.js';
import { type Run, type RunOptions } from './api.js';
import { stressDefaults } from './stress/run-scenario.js';
import { asError } from './as-error.js';
import { checkOptions } from './check-options.js';
import { concernsOneFile, joinBreakages, summarizeBreakages, type Breakage } from './breaking-scenario.js';
import { defaultExplorers } from './controlled/host.js';
import { ExplorerPool } from './controlled/explorer-pool.js';
import { findScenarioFiles, findTestFiles } from './find-scenario-files.js';
import { loadTogether, type LoadedScenario } from './controlled/load-scenario.js';
import { isNamed, loadTestFiles } from './controlled/load-tests.js';
import { defaultRunsOf } from './controlled/run-scenario.js';
import { runScenarios } from './run-scenarios.js';
import type { Session } from './session.js';

const maximumSeed = 0x7fffffff;

/**
 * Runs scenarios: replays what earlier runs found, explores, shrinks, saves. Findings and results are saved as they come.
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
  const find = options.tests === undefined ? findScenarioFiles : findTestFiles;
  const files = await find(projectDirectory, options.files);
  if (options.path !== undefined && options.tests === undefined && files.length !== 1) {
    throw new UsageError(
      `--path replays one execution of one scenario, but ${files.length} files were found; name the file`,
    );
  }
  const pool = new ExplorerPool({ explorers: options.explorers, showOutput: options.path !== undefined });
  pool.first.startAhead();
  const isStopped = (): boolean => signal?.aborted === true;
  signal?.addEventListener('abort', () => {
    pool.close();
  });
  let results: ScenarioResult[] = [];
  const save = options.save !== false;
  const problems: Error[] = [];
  let hasStarted = false;
  const breakages: Breakage[] = [];
  const leftOut: LeftOutTest[] = [];
  const notes: string[] = [];
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
      runs: options.runs ?? (options.budgetMs === undefined ? defaultRunsOf(options) : null),
      budgetMs: options.budgetMs ?? null,
      ...(options.totalBudgetMs === undefined ? {} : { totalBudgetMs: options.totalBudgetMs }),
      strategy: options.strategy ?? 'mix',
      repeat: options.repeat ?? 1,
      shard: options.shard === undefined ? null : `${options.shard.index}/${options.shard.count}`,
      path: options.path ?? null,
      ...(options.exhaustive === undefined ? {} : { exhaustive: { preemptions: options.exhaustive.preemptions } }),
    },
    interrupted: !isOver || isStopped() || problems.length > 0,
    met: isOver && !isStopped() && problems.length === 0 && results.every((result) => result.met),
    scenarios: results,
    ...(options.tests === undefined ? {} : { leftOut }),
  });
  let recordFile: string | undefined;
  /** The record is on disk from the first result on, so finished results survive however this process ends. */
  const keepRecord = (record: RunRecord): void => {
    if (save) recordFile = writeRunRecord(projectDirectory, record, recordFile);
  };
  /** If it cannot be written now, the end of the run tries again and reports it. The other scenarios still run. */
  const keepSoFar = (): void => {
    try {
      keepRecord(recordOf(false));
    } catch (error) {
      if (!(error instanceof HarnessError)) throw error;
    }
  };
  try {
    const corpus = await corpusOf(projectDirectory);
    const deadlineMs = options.totalBudgetMs === undefined ? undefined : started + options.totalBudgetMs;
    const session: Session = { options, seed, pool, corpus: corpus.entries, emit: onEvent, isStopped, deadlineMs };
    pool.expectAnother(files.length > 1);
    const scenarios =
      options.tests === undefined
        ? await loadAll(pool, projectDirectory, files, breakages)
        : await loadAllTests(pool, options, files, { breakages, leftOut, notes });
    if (scenarios.length === 0 && breakages.length > 0) throw joinBreakages(breakages);
    const journal = options.engine === 'stress' && save ? openJournal(options, seed, startedAt) : null;
    hasStarted = true;
    const endsInMs = deadlineMs === undefined ? null : deadlineMs - performance.now();
    const size = { scenarios: scenarios.length, areTests: options.tests !== undefined, explorers: pool.slots.length };
    onEvent({ kind: 'runStarted', seed, ...size, endsInMs });
    for (const note of notes) onEvent({ kind: 'note', message: note });
    for (const problem of corpus.problems) onEvent({ kind: 'note', message: problem });
    for (const { message } of breakages) onEvent({ kind: 'note', message });
    const onBreakage = (breakage: Breakage, emit: Session['emit']): void => {
      breakages.push(breakage);
      if (files.length > 1) emit({ kind: 'note', message: breakage.message });
    };
    await runScenarios(session, scenarios, journal, onBreakage, (soFar) => {
      results = soFar;
      keepSoFar();
    });
  } catch (error) {
    // What is known by now is kept and reported, even if the rest failed.
    if (!hasStarted && !isStopped()) throw error;
    if (hasStarted) problems.push(asError(error));
  } finally {
    pool.close();
  }
  const [breakage] = breakages;
  if (breakage !== undefined) problems.push(files.length === 1 ? breakage : summarizeBreakages(breakages));
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

/** What is known of files of tests besides the tests that can be explored. */
interface BesidesTests {
  readonly breakages: Breakage[];
  readonly leftOut: LeftOutTest[];
  readonly notes: string[];
}

/** Loads every file of tests before the first test is run. Files that cannot be loaded are added to the breakages. */
async function loadAllTests(
  pool: ExplorerPool,
  { projectDirectory, tests: { names } = { names: [] }, path }: RunOptions,
  files: readonly string[],
  { breakages, leftOut, notes }: BesidesTests,
): Promise<readonly LoadedScenario[]> {
  const found: LoadedScenario[] = [];
  const isWanted = (file: string, name: string): boolean => isNamed(name.slice(`${file} > `.length), names);
  for (const loaded of await loadTestFiles(pool.slots, projectDirectory, files)) {
    if ('error' in loaded) {
      if (!concernsOneFile(loaded.error)) throw loaded.error;
      breakages.push(loaded.error);
      continue;
    }
    found.push(...loaded.tests.filter(({ file, facts }) => isWanted(file, facts.name)));
    leftOut.push(...loaded.leftOut.filter(({ file, name }) => isWanted(file, name)));
    notes.push(...loaded.notes);
  }
  if (found.length === 0 && leftOut.length === 0 && names.length > 0 && breakages.length === 0) {
    throw new UsageError(`--test: no test is called ${names.map((name) => `"${name}"`).join(' or ')}`);
  }
  if (path !== undefined && found.length !== 1) {
    throw new UsageError(
      `--path replays one execution of one test, but ${found.length} tests were found; name it with --test`,
    );
  }
  return found;
}

/** What earlier runs have found. What reads it takes long to load, so that is left out where there is nothing to read. */
async function corpusOf(projectDirectory: string): Promise<Corpus> {
  try {
    lstatSync(join(projectDirectory, resultsFolders.corpus));
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return { entries: [], problems: [] };
  }
  const { readCorpus } = await import('../results/read-counterexample.js');
  return readCorpus(projectDirectory);
}

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

/**
 * Loads every scenario before the first is run, so that a mistake in the last file is reported early. Files that break the
 * process that loads them are added to the breakages and left out.
 */
async function loadAll(
  pool: ExplorerPool,
  projectDirectory: string,
  files: readonly string[],
  breakages: Breakage[],
): Promise<readonly LoadedScenario[]> {
  const scenarios: LoadedScenario[] = [];
  const byName = new Map<string, LoadedScenario>();
  for (const loaded of await loadTogether(pool.slots, projectDirectory, files, (error) => !concernsOneFile(error))) {
    if ('error' in loaded) {
      if (!concernsOneFile(loaded.error)) throw loaded.error;
      breakages.push(loaded.error);
      continue;
    }
    const { scenario } = loaded;
    const other = byName.get(scenario.facts.name);
    if (other !== undefined) {
      throw new UsageError(
        `${scenario.file}: name: found "${scenario.facts.name}", which ${other.file} also has; give each scenario its own name`,
      );
    }
    byName.set(scenario.facts.name, scenario);
    scenarios.push(scenario);
  }
  return scenarios;
}
