import { median } from 'simple-statistics';
import { mannWhitneyP } from './statistics.js';

/** When two bridges differ. Anything less is a tie. */
export const tieRule = {
  /** The Mann-Whitney test has to find this probability or less that chance alone made them differ. */
  significance: 0.05,
  /** And the larger median has to be this much larger than the smaller one. */
  smallestDifference: 0.1,
} as const;

/** Measurements of one bridge, one of each round. */
export interface Contestant {
  readonly id: string;
  readonly samples: readonly number[];
}

/** Where a bridge stands. */
export interface Rank {
  readonly id: string;
  /** From 1. Bridges that tie with the best of their group share its rank; the next group's is one more than all before. */
  readonly rank: number;
  /** Every other bridge it cannot be told from, in the order of their ranks, whichever group they are in. */
  readonly tiedWith: readonly string[];
}

/** Whether two sets of measurements cannot be told apart by the rule. */
export function areTied(first: readonly number[], second: readonly number[]): boolean {
  const [smaller, larger] = [median([...first]), median([...second])].sort((left, right) => left - right);
  if (larger! <= smaller! * (1 + tieRule.smallestDifference)) return true;
  return mannWhitneyP(first, second) > tieRule.significance;
}

/**
 * Ranks bridges by their medians, and calls ties ties: each group of a rank is led by the best that no earlier group has taken
 * in, and has all those that tie with it. Those without measurements are left out.
 */
export function rankBridges(contestants: readonly Contestant[], better: 'higher' | 'lower'): Rank[] {
  const sign = better === 'higher' ? -1 : 1;
  const waiting = contestants
    .filter(({ samples }) => samples.length > 0)
    .map(({ id, samples }) => ({ id, samples, middle: median([...samples]) }))
    // Names decide where medians do not, so that the order they came in never matters.
    .sort((first, second) => sign * (first.middle - second.middle) || (first.id < second.id ? -1 : 1));
  const ordered: { id: string; samples: readonly number[]; rank: number }[] = [];
  while (waiting.length > 0) {
    const [leader] = waiting;
    const rank = ordered.length + 1;
    for (const contestant of [...waiting]) {
      if (contestant !== leader && !areTied(leader!.samples, contestant.samples)) continue;
      ordered.push({ id: contestant.id, samples: contestant.samples, rank });
      waiting.splice(waiting.indexOf(contestant), 1);
    }
  }
  return ordered.map(({ id, samples, rank }) => ({
    id,
    rank,
    tiedWith: ordered.filter((other) => other.id !== id && areTied(samples, other.samples)).map((other) => other.id),
  }));
}
