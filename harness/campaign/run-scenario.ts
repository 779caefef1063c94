import type { CampaignEvent } from '../results/events.js';
import type { Counterexample, ScenarioResult } from '../results/schema.js';
import type { CorpusEntry } from '../results/store.js';
import { describeStoreCopy } from '../scenario/store-copy.js';
import { meets } from '../scenario/verdict.js';
import { HarnessError, type RunOptions } from './api.js';
import {
  campaignPath,
  chunkExecutions,
  chunkSeed,
  executionsOfRange,
  parseCampaignPath,
  type ChunkRange,
} from './chunks.js';
import { composeCounterexample } from './compose-counterexample.js';
import type { ExplorerPool } from './explorer-pool.js';
import { keepCounterexample, summarize } from './keep-counterexample.js';
import { firstDifferentOperation } from './first-difference.js';
import { exploreScenario, measureShape, performChunk, type CampaignFailure } from './explore-scenario.js';
import type { LoadedScenario } from './load-scenario.js';
import { planOf, replayPlan } from './replay-plan.js';

export { meets };

/** Executions per scenario when neither a number nor a budget is given. */
export const defaultRuns = 2_000;

const progressEveryMs = 200;

/** What the scenarios of one run have in common. */
export interface Session {
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
    let outcome = await replayPlan(session.pool.first, scenario, plan, true);
    if (outcome.failure !== null && outcome.traceHash !== entry.counterexample.traceHash) {
      // The sources may have changed since; whether the failure can be relied on, another replay tells.
      const again = await replayPlan(session.pool.first, scenario, plan, true);
      if (again.traceHash !== outcome.traceHash) {
        const message = `${entry.file}: two replays gave different traces. ${firstDifferentOperation(outcome.trace, again.trace)}`;
        outcome = { ...again, verdict: 'uncontrolled', failure: { verdict: 'uncontrolled', message } };
      }
    }
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

/** What of its first repetition a process explores. */
function rangeOf({ shard }: RunOptions): ChunkRange {
  return { repetition: 0, shardIndex: (shard?.index ?? 1) - 1, shardCount: shard?.count ?? 1 };
}

/** Executions of one repetition that fall to this process; null if only time bounds them. */
function plannedExecutions(options: RunOptions): number | null {
  if (options.path !== undefined) return 1;
  if (options.runs === undefined && options.budgetMs !== undefined) return null;
  return executionsOfRange(rangeOf(options), options.runs ?? defaultRuns);
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
      range: { ...rangeOf(options), repetition },
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

/** Runs one scenario: the corpus first, then exploration. Reports as it goes, and saves what it finds. */
export async function runScenario(session: Session, scenario: LoadedScenario): Promise<ScenarioResult> {
  const { facts, file } = scenario;
  const { options, seed } = session;
  const notes = facts.storeCopy === null ? [] : [describeStoreCopy(facts.storeCopy, facts.maximumWriters)];
  const startedAt = performance.now();
  const planned = plannedExecutions(options);
  if (planned === 0) {
    notes.push(
      `nothing falls to this shard: ${String(options.runs ?? defaultRuns)} executions are divided by ${String(chunkExecutions)} at a time; raise --runs or use fewer shards`,
    );
  }
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
      if (composed === null)
        throw new HarnessError(`a failure of ${facts.name} came back without a description: a bug in threadmill`);
      finding = { counterexample: composed, executionsToFind };
    }
  }
  const now = performance.now();
  const counterexample = finding?.counterexample ?? null;
  const verdict = counterexample?.failure.verdict ?? 'held';
  const invariant = counterexample?.failure.invariant ?? null;
  const savedAs = keepCounterexample(options, counterexample, notes);
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
    counterexample: counterexample === null ? null : summarize(counterexample, savedAs),
    notes,
    stress: null,
  };
  session.emit({ kind: 'scenarioFinished', result, counterexample });
  return result;
}
