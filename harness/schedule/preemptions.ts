import fc from 'fast-check';
import { choicesArbitrary, inOrder, orderArbitrary, preemptionArbitrary, randomSeedArbitrary } from './parts.js';
import type { Strategy } from './strategy.js';

/** Most concurrency bugs need no more (Lu et al., "Learning from Mistakes", ASPLOS 2008). */
const maximumPreemptions = 3;

/** Few preemptions at uniformly random places: the strategy that finds shallow bugs soonest. */
export const preemptions: Strategy = (shape) =>
  fc
    .tuple(
      orderArbitrary(shape),
      fc.array(preemptionArbitrary(shape), { maxLength: maximumPreemptions, size: 'max' }),
      choicesArbitrary(),
      randomSeedArbitrary(),
    )
    .map(([order, drawn, choices, randomSeed]) => ({ order, preemptions: inOrder(drawn), choices, randomSeed }));
