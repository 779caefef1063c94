import fc from 'fast-check';
import { evenly, gapFactor, randomOrderArbitrary, randomSeedArbitrary, patienceArbitrary } from './parts.js';
import type { Region } from './profile.js';
import type { Strategy } from './strategy.js';

/** One schedule in so many draws at every operation instead of those on one part of memory. */
const oneInAll = 4;

/** Mean numbers of operations between two draws of such a schedule. */
const gaps = [1, 1, 2, 4];

/** The same for the operations that are not on the chosen part of memory. 0: nothing is drawn there */
const otherGaps = [0, 0, 1, 2, 4];

/** Operations of a region at each of which something can be drawn without taking too long. */
const maximumOperations = 4_000;

const operationsOf = ({ weights }: Region): number => weights.reduce((sum, weight) => sum + weight, 0);
const isWalkable = (region: Region): boolean => operationsOf(region) <= maximumOperations;

/** The more orders a region has, the more schedules it takes to see them; but those with few must not be forgotten. */
const shareOf = (region: Region): number => Math.ceil(Math.sqrt(operationsOf(region)));

/**
 * Selectively uniform random walk (Zhao, Wolff, Mathur, Roychoudhury: "Selectively Uniform Concurrency Testing", ASPLOS 2025): at
 * the operations on one part of memory, chosen for each schedule, agents go on in proportion to what they have left to do there.
 * So all orders of these operations are about equally likely, however many others there are.
 */
export const surw: Strategy = ({ regions = [], weights = [], ...shape }) => {
  const factor = gapFactor(shape);
  const shares = regions.filter(isWalkable).flatMap((region) => Array.from({ length: shareOf(region) }, () => region));
  return fc
    .tuple(
      randomOrderArbitrary(shape),
      randomSeedArbitrary(),
      evenly(oneInAll * gaps.length - 1),
      evenly(shares.length - 1),
      randomSeedArbitrary(),
      patienceArbitrary(shape),
    )
    .map(([order, seed, scope, index, randomSeed, spin]) => {
      const region = scope < gaps.length ? undefined : shares[index];
      const gap = region === undefined ? gaps[scope] : otherGaps[scope % otherGaps.length];
      const walk = {
        seed,
        weights: region?.weights ?? weights,
        places: region?.places ?? [],
        gap: (gap ?? 1) * factor,
      };
      return { order, preemptions: [], choices: [], randomSeed, ...spin, walk };
    });
};
