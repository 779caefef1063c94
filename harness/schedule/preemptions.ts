import fc from 'fast-check';
import {
  choicesArbitrary,
  horizonArbitrary,
  orderArbitrary,
  preemptionsArbitrary,
  randomSeedArbitrary,
  patienceArbitrary,
} from './parts.js';
import type { Strategy } from './strategy.js';

/** Most concurrency bugs need no more (Lu et al., "Learning from Mistakes", ASPLOS 2008). */
const maximumPreemptions = 3;

/** Few preemptions at uniformly random places: the strategy that finds shallow bugs soonest. */
export const preemptions: Strategy = (shape) =>
  fc
    .tuple(
      orderArbitrary(shape),
      horizonArbitrary(shape).chain((horizon) => preemptionsArbitrary(shape, horizon, maximumPreemptions)),
      choicesArbitrary(),
      randomSeedArbitrary(),
      patienceArbitrary(shape),
    )
    .map(([order, drawn, choices, randomSeed, spin]) => ({ order, preemptions: drawn, choices, randomSeed, ...spin }));
