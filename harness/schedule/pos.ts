import fc from 'fast-check';
import { patienceArbitrary, randomOrderArbitrary, randomSeedArbitrary } from './parts.js';
import type { Strategy } from './strategy.js';

/**
 * Partial order sampling (Yuan, Yang, Gu: "Partial Order Aware Concurrency Sampling", CAV 2018): every operation has a random
 * priority, the agent with the highest goes on, and those that wait to do something to the same draw again. So operations that do
 * not affect each other do not decide in which order others come. Without a profile, agents are drawn evenly.
 */
export const pos: Strategy = ({ conflicts = null, ...shape }) =>
  fc
    .tuple(randomOrderArbitrary(shape), randomSeedArbitrary(), randomSeedArbitrary(), patienceArbitrary(shape))
    .map(([order, seed, randomSeed, patience]) => {
      const walk =
        conflicts === null
          ? { seed, weights: [], places: [], gap: 1 }
          : {
              seed,
              weights: [],
              places: conflicts.places,
              gap: 0,
              priorities: { changes: [], uses: conflicts.uses },
            };
      return { order, preemptions: [], choices: [], randomSeed, ...patience, walk };
    });
