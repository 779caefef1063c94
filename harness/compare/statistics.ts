import { quantileSorted } from 'simple-statistics';
import type { Spread } from '../results/comparison-schema.js';

/** The median of measurements and their spread; null if there are none. */
export function spreadOf(samples: readonly number[]): Spread | null {
  if (samples.length === 0) return null;
  const sorted = [...samples].sort((first, second) => first - second);
  return {
    median: quantileSorted(sorted, 0.5),
    lower: quantileSorted(sorted, 0.25),
    upper: quantileSorted(sorted, 0.75),
    minimum: sorted[0]!,
    maximum: sorted.at(-1)!,
    samples: [...samples],
  };
}

/**
 * The probability that two sets of measurements differ as much as these or more, in rank, if they came from the same
 * distribution: the two-sided Mann-Whitney U test, exact for any ties among the values. 1 if either set is empty.
 *
 * @param first at most 50 values, and so `second`: the number of ways to distribute them grows fast
 */
export function mannWhitneyP(first: readonly number[], second: readonly number[]): number {
  const n = first.length;
  if (n === 0 || second.length === 0) return 1;
  const all = [...first, ...second].sort((left, right) => left - right);
  // Twice the mid-rank of a value is a whole number even with ties.
  const doubledRank = (value: number): number => all.indexOf(value) + all.lastIndexOf(value) + 2;
  const ranks = all.map(doubledRank);
  const total = ranks.reduce((sum, rank) => sum + rank, 0);
  // ways[k][s]: in how many ways k of the values have ranks that sum up to s.
  const ways = Array.from({ length: n + 1 }, () => new Float64Array(total + 1));
  ways[0]![0] = 1;
  for (const rank of ranks) {
    for (let chosen = n; chosen >= 1; chosen--) {
      const from = ways[chosen - 1]!;
      const to = ways[chosen]!;
      for (let sum = total; sum >= rank; sum--) to[sum]! += from[sum - rank]!;
    }
  }
  const expected = (total * n) / all.length;
  const found = first.reduce((sum, value) => sum + doubledRank(value), 0);
  let asExtreme = 0;
  let possible = 0;
  for (const [sum, count] of ways[n]!.entries()) {
    possible += count;
    // Doubled ranks are whole numbers, but their expected value may be a fraction.
    if (Math.abs(sum - expected) >= Math.abs(found - expected) - 1e-6) asExtreme += count;
  }
  return asExtreme / possible;
}
