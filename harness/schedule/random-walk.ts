import fc from 'fast-check';
import { gapFactor, orderArbitrary, randomSeedArbitrary, patienceArbitrary } from './parts.js';
import type { Strategy } from './strategy.js';

/** Mean numbers of operations between two draws. Each walk has one of them. */
const gaps = [1, 1, 1, 2, 4, 8];

/** Every few operations, any agent that can run goes on, all equally likely: for bugs that need many switches, or many agents. */
export const randomWalk: Strategy = (shape) => {
  const factor = gapFactor(shape);
  return fc
    .tuple(
      orderArbitrary(shape),
      randomSeedArbitrary(),
      fc.noBias(fc.constantFrom(...gaps)),
      randomSeedArbitrary(),
      patienceArbitrary(shape),
    )
    .map(([order, seed, gap, randomSeed, spin]) => ({
      order,
      preemptions: [],
      choices: [],
      randomSeed,
      ...spin,
      walk: { seed, weights: [], places: [], gap: gap * factor },
    }));
};
