import { UsageError } from '../errors.js';
import { healthSigns } from './health-signs.js';
import type { OutcomeCount, StressRepetition, StressResult } from './stress-schema.js';

/**
 * Merges what the stress engine found for one scenario in several shards, which are given in their order: concatenates their
 * repetitions and computes everything that follows from them again.
 *
 * @returns null if there is nothing
 * @throws UsageError if the shards ran with different options
 */
export function mergeStress(results: readonly StressResult[]): StressResult | null {
  const [first] = results;
  if (first === undefined) return null;
  for (const result of results) requireAlike(first, result);
  const repetitions = inOrder(results);
  const failed = repetitions.find(({ verdict }) => verdict !== 'held');
  const slopes = results.flatMap(({ memorySlopeMiBPerMinute: slope }) => (slope === null ? [] : [slope]));
  return {
    ...first,
    repetitions,
    failure: failed?.failure ?? null,
    failedRepetition: failed?.repetition ?? null,
    outcomes: outcomesOf(repetitions),
    signs: healthSigns(repetitions),
    // Each process has its own memory: the worst of them counts.
    memorySlopeMiBPerMinute: slopes.length === 0 ? null : Math.max(...slopes),
    followUp:
      results.find(({ followUp }) => followUp?.found === true)?.followUp ??
      results.find(({ followUp }) => followUp !== null)?.followUp ??
      null,
  };
}

function requireAlike(first: StressResult, other: StressResult): void {
  for (const field of ['profile', 'amplify', 'instrumented', 'watched'] as const) {
    if (first[field] === other[field]) continue;
    throw new UsageError(
      `The shards ran under stress with ${field} ${first[field]} and ${other[field]}. Run all of them with the same ${field}.`,
    );
  }
}

/** All repetitions. Shards that each number theirs from 1 get new numbers; shards that share one numbering keep it. */
function inOrder(results: readonly StressResult[]): StressRepetition[] {
  const all = results
    .flatMap(({ repetitions }) => repetitions)
    .sort((left, right) => left.repetition - right.repetition);
  if (new Set(all.map(({ repetition }) => repetition)).size === all.length) return all;
  return all.map((one, place) => renumbered(one, place + 1));
}

function renumbered(one: StressRepetition, repetition: number): StressRepetition {
  const outcomes = one.outcomes.map((outcome) => ({
    ...outcome,
    example: outcome.example === null ? null : { ...outcome.example, repetition },
  }));
  return { ...one, repetition, outcomes };
}

/** Each outcome with its total count and its first example. */
function outcomesOf(repetitions: readonly StressRepetition[]): OutcomeCount[] {
  const counts = new Map<string, OutcomeCount>();
  for (const outcome of repetitions.flatMap(({ outcomes }) => outcomes)) {
    const key = JSON.stringify([outcome.outcome, outcome.grade]);
    const before = counts.get(key);
    counts.set(key, {
      ...outcome,
      count: outcome.count + (before?.count ?? 0),
      example: before?.example ?? outcome.example,
    });
  }
  return [...counts.values()];
}
