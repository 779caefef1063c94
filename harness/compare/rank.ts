import { median } from 'simple-statistics';
import { mannWhitneyP } from './statistics.js';

/** When two bridges count as different. Otherwise they tie. */
export const tieRule = {
  /** The largest probability, by the Mann-Whitney test, that chance alone made them differ. */
  significance: 0.05,
  /** How much larger the larger median must be than the smaller one. */
  smallestDifference: 0.1,
} as const;

/** Measurements of one bridge, one per round. */
export interface Contestant {
  readonly id: string;
  readonly samples: readonly number[];
}

/** The rank of a bridge. */
export interface Rank {
  readonly id: string;
  /** Counted from 1. Bridges that tie with the best of their group share its rank. The next group's rank counts all before it. */
  readonly rank: number;
  /** All other bridges that it ties with, in the order of their ranks, in any group. */
  readonly tiedWith: readonly string[];
}

/** Whether two sets of measurements tie by the rule. */
export function areTied(first: readonly number[], second: readonly number[]): boolean {
  const [smaller, larger] = [median([...first]), median([...second])].sort((left, right) => left - right);
  if (larger! <= smaller! * (1 + tieRule.smallestDifference)) return true;
  return mannWhitneyP(first, second) > tieRule.significance;
}

/**
 * Ranks bridges by their medians, with ties. The best bridge that is not in an earlier group leads the next group, which
 * has all bridges that tie with it. Bridges without measurements are left out.
 */
export function rankBridges(contestants: readonly Contestant[], better: 'higher' | 'lower'): Rank[] {
  const sign = better === 'higher' ? -1 : 1;
  const waiting = contestants
    .filter(({ samples }) => samples.length > 0)
    .map(({ id, samples }) => ({ id, samples, middle: median([...samples]) }))
    // Equal medians are ordered by name, so that the order of the input never matters.
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
