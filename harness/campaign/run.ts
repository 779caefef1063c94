import { randomInt } from 'node:crypto';
import { createRequire } from 'node:module';
import { relative } from 'node:path';
import type { CampaignEvent } from '../results/events.js';
import { schemaVersion, type Counterexample, type RunRecord, type ScenarioResult } from '../results/schema.js';
import { readCorpus, saveCounterexample, writeRunRecord, type CorpusEntry } from '../results/store.js';
import type { Expectation, Verdict } from '../scenario/verdict.js';
import { HarnessError, strategyNames, UsageError, type Run, type RunOptions } from './api.js';
import { campaignPath, chunkSeed, parseCampaignPath } from './chunks.js';
import { composeCounterexample } from './compose-counterexample.js';
import { defaultExplorers } from './explorer-process.js';
import { ExplorerPool } from './explorer-pool.js';
import { exploreScenario, measureShape, performChunk, type CampaignFailure } from './explore-scenario.js';
import { findScenarioFiles } from './find-scenario-files.js';
import { loadScenario, type LoadedScenario } from './load-scenario.js';
import { planOf, replayPlan } from './replay-plan.js';

/** Executions per scenario when neither a number nor a budget is given. */
export const defaultRuns = 2_000;

const maximumSeed = 0x7fffffff;
const progressEveryMs = 200;

const packageVersion = (): string => {
  const require = createRequire(import.meta.url);
  for (const path of ['../../package.json', '../../../package.json']) {
    try {
      return (require(path) as { readonly version: string }).version;
    } catch {
      // Sources and built files stand at different depths.
    }
  }
  return 'unknown';
};

/** Whether a verdict is the one a scenario expects. */
export function meets(expected: Expectation, verdict: Verdict, invariant: string | null): boolean {
  if (typeof expected === 'string') return expected === verdict;
  if (expected.verdict !== verdict) return false;
  return expected.invariant === undefined || expected.invariant === invariant;
}

interface Session {
  readonly options: RunOptions;
  readonly seed: number;
  readonly pool: ExplorerPool;
  readonly corpus: readonly CorpusEntry[];
  readonly emit: (event: CampaignEvent) => void;
  readonly isStopped: () => boolean;
}

interface Finding {
  readonly counterexample: Counterexample;
  readonly executionsToFind: number | null;
}

function checkOptions(options: RunOptions): void {
  const { seed, path, runs, budgetMs, repeat, shard, explorers, strategy } = options;
  const requireWhole = (name: string, value: number | undefined, least: number): void => {
    if (value !== undefined && (!Number.isSafeInteger(value) || value < least)) {
      throw new UsageError(`--${name}: found ${String(value)}, expected a whole number from ${String(least)} up`);
    }
  };
  if (seed !== undefined && !Number.isInteger(seed)) {
    throw new UsageError(`--seed: found ${String(seed)}, expected a whole number`);
  }
  requireWhole('runs', runs, 1);
  requireWhole('budget', budgetMs, 1);
  requireWhole('repeat', repeat, 1);
  requireWhole('explorers', explorers, 1);
  if (strategy !== undefined && !strategyNames.includes(strategy)) {
    throw new UsageError(`--strategy: found "${strategy as string}", expected one of ${strategyNames.join(', ')}`);
  }
  if (shard !== undefined && !(shard.index >= 1 && shard.index <= shard.count)) {
    throw new UsageError(
      `--shard: found ${String(shard.index)}/${String(shard.count)}, expected i/n with i from 1 to n`,
    );
  }
  if (path !== undefined) {
    if (parseCampaignPath(path) === undefined) {
      throw new UsageError(
        `--path: found "${path}", expected numbers joined by ":", as a failure's report prints them`,
      );
    }
    if (seed === undefined) throw new UsageError('--path needs the --seed it belongs to');
  }
}

/** Replays what earlier runs found in this scenario. A scenario that should hold fails by the first that still fails. */
async function replayCorpus(session: Session, scenario: LoadedScenario, notes: string[]): Promise<Finding | undefined> {
  const { facts, file } = scenario;
  const entries = session.corpus.filter(
    ({ counterexample }) => counterexample.scenario.file === file && counterexample.scenario.name === facts.name,
  );
  let performed = 0;
  for (const entry of entries) {
    if (session.isStopped()) return undefined;
    const plan = planOf(entry.counterexample);
    const outcome = await replayPlan(session.pool.first, scenario, plan, true);
    performed++;
    session.emit({
      kind: 'progress',
      name: facts.name,
      executions: performed,
      executionsPerSecond: 0,
      phase: 'corpus',
    });
    if (outcome.failure === null) {
      notes.push(`${entry.file} no longer fails; delete it if that is the doing of a fix`);
      continue;
    }
    if (meets(facts.expected, outcome.verdict, outcome.failure.invariant ?? null)) continue;
    const { seed, path } = entry.counterexample;
    const { projectDirectory } = session.options;
    const scenarioName = { name: facts.name, file };
    const counterexample = composeCounterexample({
      projectDirectory,
      scenario: scenarioName,
      plan,
      outcome,
      seed,
      path,
    });
    if (counterexample !== null) return { counterexample, executionsToFind: null };
  }
  return undefined;
}

interface Tally {
  executions: number;
  steps: number;
  switches: number;
}

/** Performs the one execution that a seed and a path name. */
async function explorePath(
  session: Session,
  scenario: LoadedScenario,
  path: string,
  notes: string[],
  tally: Tally,
): Promise<CampaignFailure | null> {
  const parsed = parseCampaignPath(path);
  if (parsed === undefined) return null;
  const shape = await measureShape(session.pool.first, scenario);
  const { chunk, pathInChunk } = parsed;
  const result = await performChunk(
    session.pool.first,
    scenario,
    {
      seed: chunkSeed(session.seed, chunk),
      executions: 1,
      path: pathInChunk,
      strategy: session.options.strategy ?? 'mix',
      shape,
      remainingMs: null,
    },
    () => undefined,
    notes,
  );
  tally.executions += result.executions;
  tally.steps += result.steps;
  tally.switches += result.switches;
  if (result.failure === null) {
    notes.push(
      'the execution that this seed and path name holds: were they found with these sources, and this --strategy?',
    );
    return null;
  }
  return {
    plan: result.failure.plan,
    outcome: result.failure.outcome,
    path: campaignPath(chunk, result.failure.pathInChunk),
    executionsToFind: 1,
  };
}

/** Explores a scenario once for each repetition; ends at the first in which it does not do what it is expected to. */
async function explore(
  session: Session,
  scenario: LoadedScenario,
  notes: string[],
  tally: Tally,
): Promise<CampaignFailure | null> {
  const { options, seed } = session;
  if (options.path !== undefined) return explorePath(session, scenario, options.path, notes, tally);
  const shape = await measureShape(session.pool.first, scenario);
  const executions = options.runs ?? (options.budgetMs === undefined ? defaultRuns : Infinity);
  const startedAt = performance.now();
  let lastProgress = 0;
  let failure: CampaignFailure | null = null;
  for (let repetition = 0; repetition < (options.repeat ?? 1); repetition++) {
    const before = tally.executions;
    const result = await exploreScenario(session.pool, scenario, shape, {
      seed,
      strategy: options.strategy ?? 'mix',
      range: { repetition, shardIndex: (options.shard?.index ?? 1) - 1, shardCount: options.shard?.count ?? 1 },
      executions,
      deadline: options.budgetMs === undefined ? Infinity : performance.now() + options.budgetMs,
      isStopped: session.isStopped,
      onProgress: (done, phase) => {
        const now = performance.now();
        if (now - lastProgress < progressEveryMs) return;
        lastProgress = now;
        const total = before + done;
        const executionsPerSecond = (total / Math.max(1, now - startedAt)) * 1_000;
        session.emit({ kind: 'progress', name: scenario.facts.name, executions: total, executionsPerSecond, phase });
      },
    });
    tally.executions += result.executions;
    tally.steps += result.steps;
    tally.switches += result.switches;
    notes.push(...result.notes);
    ({ failure } = result);
    const verdict = failure?.outcome.verdict ?? 'held';
    if (session.isStopped() || !meets(scenario.facts.expected, verdict, failure?.outcome.failure?.invariant ?? null))
      break;
  }
  return failure;
}

async function runScenario(session: Session, scenario: LoadedScenario): Promise<ScenarioResult> {
  const { facts, file } = scenario;
  const { options, seed } = session;
  const notes: string[] = [];
  const startedAt = performance.now();
  const planned =
    options.path === undefined ? (options.runs ?? (options.budgetMs === undefined ? defaultRuns : null)) : 1;
  session.emit({
    kind: 'scenarioStarted',
    name: facts.name,
    file,
    plannedExecutions: planned === null ? null : planned * (options.repeat ?? 1),
  });
  const tally: Tally = { executions: 0, steps: 0, switches: 0 };
  let finding = options.path === undefined ? await replayCorpus(session, scenario, notes) : undefined;
  const exploringSince = performance.now();
  if (finding === undefined && !session.isStopped()) {
    const failure = await explore(session, scenario, notes, tally);
    if (failure !== null) {
      const { plan, outcome, path, executionsToFind } = failure;
      const { projectDirectory } = options;
      const composed = composeCounterexample({
        projectDirectory,
        scenario: { name: facts.name, file },
        plan,
        outcome,
        seed,
        path,
      });
      if (composed !== null) finding = { counterexample: composed, executionsToFind };
    }
  }
  const now = performance.now();
  const counterexample = finding?.counterexample ?? null;
  const verdict = counterexample?.failure.verdict ?? 'held';
  const invariant = counterexample?.failure.invariant ?? null;
  let savedAs: string | null = null;
  if (counterexample !== null && options.save !== false && verdict !== 'uncontrolled') {
    try {
      savedAs = saveCounterexample(options.projectDirectory, counterexample).file;
    } catch (error) {
      if (!(error instanceof HarnessError)) throw error;
      notes.push(error.message);
    }
  }
  const result: ScenarioResult = {
    name: facts.name,
    file,
    expected: facts.expected,
    verdict,
    invariant,
    met: meets(facts.expected, verdict, invariant),
    executions: tally.executions,
    executionsPerSecond: Math.round((tally.executions / Math.max(1, now - exploringSince)) * 1_000),
    schedulingPoints: tally.steps,
    switches: tally.switches,
    durationMs: Math.round(now - startedAt),
    executionsToFind: finding?.executionsToFind ?? null,
    path: counterexample?.path ?? null,
    counterexample:
      counterexample === null
        ? null
        : {
            params: counterexample.params,
            writers: counterexample.writers,
            readers: counterexample.readers,
            preemptions: counterexample.preemptions,
            steps: counterexample.steps,
            traceHash: counterexample.traceHash,
            failure: counterexample.failure,
            file: savedAs,
          },
    notes,
  };
  session.emit({ kind: 'scenarioFinished', result, counterexample });
  return result;
}

/**
 * Runs scenarios: replays what earlier runs found, explores, shrinks, saves.
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
  try {
    const corpus = readCorpus(projectDirectory);
    const session: Session = { options, seed, pool, corpus: corpus.entries, emit: onEvent, isStopped };
    const scenarios = await loadAll(pool, projectDirectory, files);
    onEvent({ kind: 'runStarted', seed, scenarios: scenarios.length, explorers: pool.slots.length });
    for (const problem of corpus.problems) onEvent({ kind: 'note', message: problem });
    for (const scenario of scenarios) {
      if (isStopped()) break;
      try {
        results.push(await runScenario(session, scenario));
      } catch (error) {
        if (!isStopped()) throw error;
      }
    }
  } catch (error) {
    if (!isStopped()) throw error;
  } finally {
    pool.close();
  }
  const record: RunRecord = {
    schema: 'threadmill/run',
    version: schemaVersion,
    threadmill: packageVersion(),
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    cpus: defaultExplorers(),
    seed,
    startedAt: startedAt.toISOString(),
    durationMs: Math.round(performance.now() - started),
    options: {
      files: files.map((file) => relative(projectDirectory, file).replaceAll('\\', '/')),
      runs: options.runs ?? (options.budgetMs === undefined ? defaultRuns : null),
      budgetMs: options.budgetMs ?? null,
      strategy: options.strategy ?? 'mix',
      repeat: options.repeat ?? 1,
      shard: options.shard === undefined ? null : `${String(options.shard.index)}/${String(options.shard.count)}`,
      path: options.path ?? null,
    },
    interrupted: isStopped(),
    met: !isStopped() && results.every((result) => result.met),
    scenarios: results,
  };
  const recordFile = save ? writeRunRecord(projectDirectory, record) : null;
  onEvent({ kind: 'runFinished', record, recordFile });
  return record;
};

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
