import { meets, type Expectation } from '../scenario/verdict.js';
import { repeatsItself, type InterleavingCounts } from './interleaving-counts.js';
import type { ExhaustiveCounts } from './exhaustive-counts.js';
import { failureRateBound, usualConfidence } from './failure-rate.js';
import { coveredShards, type CoveredShards } from './merge.js';
import type { JournalFile, RunFile } from './read-runs.js';
import type { ResultVerdict, RunRecord, ScenarioResult } from './schema.js';

/** What one run observed of one scenario. */
interface Observation extends CoveredShards {
  readonly name: string;
  readonly file: string;
  readonly engine: RunRecord['options']['engine'];
  readonly strategy: string;
  readonly seed: number;
  /** ISO 8601, so that times compare as text. */
  readonly startedAt: string;
  /** Null if the run's record does not say. */
  readonly expected: Expectation | null;
  readonly verdict: ResultVerdict;
  readonly invariant: string | null;
  /** Null if unknown: part of a campaign that did not find what the scenario expects, or was not finished. */
  readonly met: boolean | null;
  readonly executions: number;
  readonly executionsPerSecond: number;
  readonly interleavings?: InterleavingCounts | undefined;
  readonly exhaustive?: ExhaustiveCounts | undefined;
  readonly executionsToFind: number | null;
  readonly path: string | null;
  readonly record: string;
}

/** When a scenario last failed to meet its expectation. */
export interface LastFailure {
  readonly startedAt: string;
  readonly verdict: ResultVerdict;
  readonly invariant: string | null;
  readonly seed: number;
  readonly path: string | null;
  /** The file that records it, relative to the project. */
  readonly record: string;
}

/** What all runs together show about one scenario under one engine. */
export interface ScenarioTrends {
  readonly name: string;
  readonly file: string;
  readonly engine: RunRecord['options']['engine'];
  /** From the last run that has it. */
  readonly expected: Expectation;
  readonly runs: number;
  readonly executions: number;
  readonly firstRunAt: string;
  readonly lastRunAt: string;
  readonly lastFailure: LastFailure | null;
  /** What it has done as expected since then. */
  readonly sinceFailure: { readonly runs: number; readonly executions: number };
  /** Median over the runs in which exploring found the expected failure; null if there is none. */
  readonly executionsToFind: number | null;
  /** Executions a second; null if no run was long enough to measure. */
  readonly speed: {
    readonly first: number;
    readonly last: number;
    readonly median: number;
    /** The last `trendLimits.speeds` of them, oldest first. */
    readonly recent: readonly number[];
  } | null;
  /** The different interleavings of one run; null if no record says. */
  readonly interleavings: {
    readonly first: number;
    readonly last: number;
    readonly most: number;
    /** Those of the last `trendLimits.speeds` runs, oldest first. */
    readonly recent: readonly number[];
    /** Whether the last run explored all that there are. */
    readonly isComplete: boolean;
    /** Whether the last run only repeated, in its last half or its last thousand executions, what it had shown before. */
    readonly repeats: boolean;
  } | null;
  /**
   * For a scenario that holds: with `confidence`, it fails in at most this share of executions drawn in the same way. Null for
   * one that is expected to fail, under stress, where executions are not independent, and if executions only repeat themselves: what
   * they do not show is then no matter of their number.
   */
  readonly bound: {
    /** Executions since the last failure; those that drew the same schedules count once. */
    readonly executions: number;
    readonly confidence: number;
    readonly failureRate: number;
  } | null;
}

export const trendLimits = {
  /** Speed measurements kept for each scenario. */
  speeds: 30,
  /** Runs of fewer executions say nothing about speed, under the controlled engine. */
  measuredExecutions: 100,
} as const;

/**
 * What earlier runs show about each scenario, in the order of their files. Runs that replayed one execution (`--path`) do not
 * count. An expected failure that an interrupted run, or one shard of several, did not find does not count either.
 *
 * The result does not depend on the order of runs and journals.
 */
export function scenarioTrends(runs: readonly RunFile[], journals: readonly JournalFile[]): ScenarioTrends[] {
  const observations = runs.flatMap(observationsOfRun);
  const known = new Set(runs.map(({ record }) => runKey(record)));
  // A run that finished left a record too, which has the same content.
  observations.push(...journals.filter(({ head }) => !known.has(runKey(head))).flatMap(observationsOfJournal));
  const groups = new Map<string, Observation[]>();
  for (const observation of observations) {
    const key = JSON.stringify([observation.file, observation.name, observation.engine]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [observation]);
    else group.push(observation);
  }
  return [...groups]
    .sort(([left], [right]) => compare(left, right))
    .map(([, group]) => historyOf(group.sort((left, right) => compare(orderOf(left), orderOf(right)))));
}

function runKey({ seed, startedAt }: { readonly seed: number; readonly startedAt: string }): string {
  return `${seed} ${startedAt}`;
}

const compare = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0);
const orderOf = ({ startedAt, record }: Observation): string => `${startedAt} ${record}`;

function observationsOfRun({ file: recordFile, record }: RunFile): Observation[] {
  const { options, seed, startedAt, interrupted } = record;
  if (options.path !== null) return [];
  const covered = coveredShards(options.shard);
  const isPart = interrupted || covered.indices.length < covered.count;
  return record.scenarios.map((result) => ({
    ...covered,
    ...pick(result),
    engine: options.engine,
    strategy: options.strategy,
    seed,
    startedAt,
    met: result.verdict === 'interrupted' || (isPart && !result.met && result.verdict === 'held') ? null : result.met,
    record: recordFile,
  }));
}

function pick(
  result: ScenarioResult,
): Pick<
  Observation,
  | 'name'
  | 'file'
  | 'expected'
  | 'verdict'
  | 'invariant'
  | 'executions'
  | 'executionsPerSecond'
  | 'interleavings'
  | 'exhaustive'
  | 'executionsToFind'
  | 'path'
> {
  const { name, file, expected, verdict, invariant, executions } = result;
  const { executionsPerSecond, interleavings, exhaustive, executionsToFind, path } = result;
  const found = { verdict, invariant, exhaustive, executionsToFind, path };
  return { name, file, expected, executions, executionsPerSecond, interleavings, ...found };
}

function observationsOfJournal({ file: journal, head, lines }: JournalFile): Observation[] {
  return lines.map(({ scenario, repetition }) => ({
    indices: [1],
    count: 1,
    name: scenario.name,
    file: scenario.file,
    engine: 'stress',
    strategy: head.profile,
    seed: repetition.seed,
    startedAt: head.startedAt,
    expected: null,
    verdict: repetition.verdict,
    invariant: repetition.failure?.invariant ?? null,
    met: null,
    executions: repetition.executions,
    executionsPerSecond: repetition.runningMs <= 0 ? 0 : (repetition.executions / repetition.runningMs) * 1_000,
    executionsToFind: null,
    path: null,
    record: journal,
  }));
}

/** The history of one scenario from its observations, oldest first. */
function historyOf(observations: readonly Observation[]): ScenarioTrends {
  const first = observations[0]!;
  const last = observations.at(-1)!;
  const expected = observations.findLast((one) => one.expected !== null)?.expected ?? 'held';
  const isFailure = (one: Observation): boolean =>
    one.expected === null ? one.verdict !== 'held' && !meets(expected, one.verdict, one.invariant) : one.met === false;
  const failedAt = observations.findLastIndex(isFailure);
  const failed = observations[failedAt];
  const since = observations.slice(failedAt + 1);
  const runsOf = (some: readonly Observation[]): number => new Set(some.map(({ record }) => record)).size;
  const found = observations.flatMap(({ met, executionsToFind }) =>
    met === true && executionsToFind !== null ? [executionsToFind] : [],
  );
  const interleavings = interleavingsOf(observations);
  const repeats = interleavings !== null && (interleavings.repeats || interleavings.isComplete);
  return {
    name: last.name,
    file: last.file,
    engine: last.engine,
    expected,
    runs: runsOf(observations),
    executions: executionsOf(observations),
    firstRunAt: first.startedAt,
    lastRunAt: last.startedAt,
    lastFailure: failed === undefined ? null : lastFailureOf(failed),
    sinceFailure: { runs: runsOf(since), executions: executionsOf(since) },
    executionsToFind: found.length === 0 ? null : medianOf(found),
    speed: speedOf(observations),
    interleavings,
    bound: expected === 'held' && last.engine === 'controlled' && !repeats ? boundOf(since) : null,
  };
}

function lastFailureOf({ startedAt, verdict, invariant, seed, path, record }: Observation): LastFailure {
  return { startedAt, verdict, invariant, seed, path, record };
}

function executionsOf(observations: readonly Observation[]): number {
  return observations.reduce((sum, { executions }) => sum + executions, 0);
}

function boundOf(clean: readonly Observation[]): ScenarioTrends['bound'] {
  const isDrawn = ({ exhaustive, interleavings }: Observation): boolean =>
    exhaustive === undefined || interleavings !== undefined;
  const executions = distinctExecutions(clean.filter(isDrawn));
  return { executions, confidence: usualConfidence, failureRate: failureRateBound(executions) };
}

/** Executions, but those of one campaign that draw the same schedules (same seed, overlapping parts) only once. */
function distinctExecutions(observations: readonly Observation[]): number {
  const counted = new Map<string, Observation[]>();
  const largestFirst = [...observations].sort((left, right) => right.executions - left.executions);
  for (const observation of largestFirst) {
    const campaign = `${observation.seed} ${observation.strategy}`;
    const others = counted.get(campaign) ?? [];
    counted.set(campaign, others);
    if (!others.some((other) => overlap(other, observation))) others.push(observation);
  }
  return executionsOf([...counted.values()].flat());
}

function overlap(one: CoveredShards, other: CoveredShards): boolean {
  return one.count !== other.count || one.indices.some((index) => other.indices.includes(index));
}

function speedOf(observations: readonly Observation[]): ScenarioTrends['speed'] {
  const speeds = observations
    .filter(({ engine, executions, verdict }) =>
      engine === 'stress' ? verdict === 'held' : executions >= trendLimits.measuredExecutions,
    )
    .map(({ executionsPerSecond }) => Math.round(executionsPerSecond));
  const [first] = speeds;
  const last = speeds.at(-1);
  if (first === undefined || last === undefined) return null;
  return { first, last, median: medianOf(speeds), recent: speeds.slice(-trendLimits.speeds) };
}

/** Whether all that there is was explored. */
function exploresAll(counts: ExhaustiveCounts | undefined): boolean {
  return (
    counts?.isComplete === true &&
    counts.shard === undefined &&
    counts.preemptions === null &&
    counts.uncovered.length === 0
  );
}

function interleavingsOf(observations: readonly Observation[]): ScenarioTrends['interleavings'] {
  const known = observations.flatMap(({ interleavings, exhaustive }) => {
    const distinct = exhaustive?.interleavings ?? interleavings?.distinct;
    return distinct === undefined ? [] : [{ distinct, interleavings, exhaustive }];
  });
  const counts = known.map(({ distinct }) => distinct);
  const last = known.at(-1);
  if (last === undefined) return null;
  return {
    first: counts[0]!,
    last: last.distinct,
    most: Math.max(...counts),
    recent: counts.slice(-trendLimits.speeds),
    isComplete: observations.at(-1)?.exhaustive !== undefined && exploresAll(last.exhaustive),
    repeats: last.interleavings !== undefined && repeatsItself(last.interleavings),
  };
}

function medianOf(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((left, right) => left - right);
  const middle = (sorted.length - 1) / 2;
  return Math.round((sorted[Math.floor(middle)]! + sorted[Math.ceil(middle)]!) / 2);
}
