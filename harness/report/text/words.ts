import { inspect } from 'node:util';
import { decodeParams } from '../../results/params.js';
import type { RunRecord, ScenarioResult } from '../../results/schema.js';
import type { ExhaustiveCounts } from '../../results/exhaustive-counts.js';
import { repeatsItself } from '../../results/interleaving-counts.js';
import type { Expectation } from '../../scenario/verdict.js';
import { oneLine } from './columns.js';

const numberFormat = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

/** Such as `12,000`. */
export function formatNumber(value: number): string {
  return numberFormat.format(value);
}

/** Such as `1 preemption` or `2,000 executions`. */
export function formatCount(count: number, noun: string): string {
  return `${formatNumber(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** Such as `2 writers, 1 reader`; `the program` for a scenario without either, `the test` for a test. */
export function formatAgents({
  writers,
  readers,
  scenario,
}: {
  readonly writers: number;
  readonly readers: number;
  readonly scenario?: { readonly test?: string | undefined };
}): string {
  if (writers === 0 && readers === 0) return scenario?.test === undefined ? 'the program' : 'the test';
  return `${formatCount(writers, 'writer')}, ${formatCount(readers, 'reader')}`;
}

/** Such as `340 ms`, `12.3 s`, `4 min 5 s`. */
export function formatDuration(durationMs: number): string {
  if (durationMs < 1_000) return `${Math.round(durationMs)} ms`;
  if (durationMs < 60_000) return `${(durationMs / 1_000).toFixed(1)} s`;
  const minutes = Math.floor(durationMs / 60_000);
  return `${formatNumber(minutes)} min ${Math.floor((durationMs % 60_000) / 1_000)} s`;
}

type Tallied = Pick<ScenarioResult, 'met' | 'verdict' | 'test'>;

/**
 * Such as `3 scenarios met their expectations`, `1 of 3 scenarios did not meet its expectation`, or
 * `2 of 3 scenarios met their expectations, 1 was interrupted`; of tests, `3 tests held` or `1 of 3 tests failed`. If there is no
 * result, `no scenario was run`.
 *
 * @param areTests default: as the results say
 */
export function formatTally(
  results: readonly Tallied[],
  areTests = results.some(({ test }) => test !== undefined),
): string {
  const noun = areTests ? 'test' : 'scenario';
  if (results.length === 0) return `no ${noun} was run`;
  const interrupted = results.filter(({ verdict }) => verdict === 'interrupted').length;
  const unmet = results.filter(({ met }) => !met).length - interrupted;
  const met = results.length - interrupted - unmet;
  const theirs = (count: number): string => (count === 1 ? 'its expectation' : 'their expectations');
  const done = (count: number): string => (areTests ? 'held' : `met ${theirs(count)}`);
  const failed = (count: number): string => (areTests ? 'failed' : `did not meet ${theirs(count)}`);
  const of = (count: number): string =>
    count === results.length
      ? formatCount(count, noun)
      : `${formatNumber(count)} of ${formatCount(results.length, noun)}`;
  const parts = unmet > 0 ? [`${formatNumber(unmet)} of ${formatCount(results.length, noun)} ${failed(unmet)}`] : [];
  if (unmet === 0 && (met > 0 || interrupted === 0)) parts.push(`${of(met)} ${done(met)}`);
  if (interrupted > 0)
    parts.push(
      `${parts.length === 0 ? of(interrupted) : formatNumber(interrupted)} ${interrupted === 1 ? 'was' : 'were'} interrupted`,
    );
  return parts.join(', ');
}

/**
 * What a run of tests has explored, such as `8 tests explored, 3 with only one interleaving, 1 failed under some schedule`;
 * undefined for a run of scenarios.
 */
export function formatTestCounts({ scenarios, leftOut }: RunRecord): string | undefined {
  if (leftOut === undefined) return undefined;
  const explored = scenarios.filter(({ verdict }) => verdict !== 'interrupted');
  const alike = explored.filter(isAlwaysAlike).length;
  const failed = explored.filter(({ met }) => !met).length;
  const skipped = leftOut.filter(({ why }) => why === 'skipped').length;
  const unavailable = leftOut.length - skipped;
  return [
    `${formatCount(explored.length, 'test')} explored`,
    `${formatNumber(alike)} with only one interleaving`,
    `${formatNumber(failed)} failed under some schedule`,
    `${formatNumber(skipped)} skipped`,
    ...(unavailable === 0
      ? []
      : [`${formatNumber(unavailable)} ${unavailable === 1 ? 'needs' : 'need'} what cannot be had (see the notes)`]),
  ].join(', ');
}

/**
 * The verdict of a scenario in words, such as `held`, `violation (count)`, `violation (count) (not fully shrunk)`, or
 * `interrupted after 12 executions`.
 */
export function formatFound({ verdict, invariant, executions, exhaustive, counterexample }: ScenarioResult): string {
  if (verdict === 'interrupted') {
    const far = exhaustive === undefined ? '' : ` (${formatExhaustive(exhaustive)})`;
    return `interrupted after ${formatCount(executions, 'execution')}${far}`;
  }
  const found = formatVerdict(verdict, invariant);
  return counterexample?.shrinkingEnded === undefined ? found : `${found} (not fully shrunk)`;
}

/**
 * How many interleavings were seen, such as `only one interleaving`, `10 interleavings (none new in the last 1,000)`, or `735
 * interleavings (201 new in the last 1,000, about 1,400 or more left)`; undefined if that is not known.
 */
export function formatInterleavings({
  interleavings,
  exhaustive,
  onlyOneInterleaving,
}: ScenarioResult): string | undefined {
  if (exhaustive !== undefined) return formatExhaustive(exhaustive);
  if (onlyOneInterleaving === true) return 'only one interleaving';
  if (interleavings === undefined) return undefined;
  const { distinct, lastExecutions, newInLast, estimatedTotal } = interleavings;
  if (distinct === 1 && repeatsItself(interleavings)) return 'only one interleaving';
  const seen = formatCount(distinct, 'interleaving');
  if (lastExecutions === 0) return seen;
  const fresh = newInLast === 0 ? 'none' : newInLast === lastExecutions ? 'all' : formatNumber(newInLast);
  const left = estimatedTotal - distinct;
  const rest = left === 0 ? '' : `, about ${formatNumber(roughly(left))} or more left`;
  return `${seen} (${fresh} new in the last ${formatNumber(lastExecutions)}${rest})`;
}

function isAlwaysAlike({ onlyOneInterleaving, exhaustive }: ScenarioResult): boolean {
  return (
    onlyOneInterleaving === true ||
    (exhaustive?.isComplete === true && exhaustive.shard === undefined && exhaustive.interleavings === 1)
  );
}

function formatExhaustive(counts: ExhaustiveCounts): string {
  const { interleavings, isComplete, fractionDone, combinations, preemptions, uncovered, shard } = counts;
  const bound = preemptions === null ? '' : ` with at most ${formatCount(preemptions, 'preemption')}`;
  const each = combinations === 1 ? '' : ` of ${formatCount(combinations, 'combination')} of parameters`;
  const part = shard === undefined ? '' : ` of shard ${shard}`;
  const seen = formatCount(interleavings, 'interleaving');
  const all = interleavings === 1 && shard === undefined ? 'the only interleaving' : `all ${seen}`;
  const claim = uncovered.includes('loops') ? `all ${seen} with waiting loops cut short` : all;
  if (isComplete) return `${claim}${bound}${each}${part}`;
  return `${seen}${bound}${each}, ${formatPercent(fractionDone)} of all${part}`;
}

/** An estimate, such as `about 12 %`, `about 0.3 %` or `less than 0.1 %`. */
export function formatPercent(fraction: number): string {
  const percent = fraction * 100;
  if (percent < 0.1) return 'less than 0.1 %';
  return `about ${percent < 10 ? percent.toFixed(1) : Math.min(99, Math.floor(percent))} %`;
}

/** An estimate is not more precise than this. */
const roughly = (count: number): number => Number(count.toPrecision(2));

/** Such as `violation (count)`. */
export function formatVerdict(verdict: string, invariant: string | null | undefined): string {
  return invariant === null || invariant === undefined ? verdict : `${verdict} (${oneLine(invariant)})`;
}

/** Such as `held` or `violation (count)`. */
export function formatExpectation(expected: Expectation): string {
  return typeof expected === 'string' ? expected : formatVerdict(expected.verdict, expected.invariant);
}

/** The drawn parameters on one line, as in code. */
export function formatParams(params: Readonly<Record<string, unknown>>): string {
  let decoded = params;
  try {
    decoded = decodeParams(params);
  } catch {
    // Damaged parameters are shown as they were saved.
  }
  if (Object.keys(decoded).length === 0) return 'none';
  return Object.entries(decoded)
    .map(([name, value]) => `${oneLine(name)} = ${oneLine(inspectValue(value))}`)
    .join(', ');
}

function inspectValue(value: unknown): string {
  return inspect(value, { depth: 4, breakLength: Infinity, maxArrayLength: 20, maxStringLength: 200, compact: true });
}
