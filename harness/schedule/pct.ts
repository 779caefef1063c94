import fc from 'fast-check';
import {
  evenly,
  horizonArbitrary,
  patienceArbitrary,
  randomOrderArbitrary,
  randomSeedArbitrary,
  someOf,
} from './parts.js';
import type { Strategy } from './strategy.js';

/** Priority change points: bugs of a depth up to one more than this are found with a known probability. */
const maximumChanges = 4;

/**
 * Probabilistic concurrency testing (Burckhardt, Kothari, Musuvathi, Nagarakatte: "A Randomized Scheduler with
 * Probabilistic Guarantees of Finding Bugs", ASPLOS 2010): random priorities, and a few change points at which the running agent
 * drops to the lowest one. An agent that is woken takes over at once if its priority is higher. Change points are spread over the
 * operations at which a switch can matter, if less than half of all do.
 */
export const pct: Strategy = ({ conflicts = null, ...shape }) => {
  const isSparse = conflicts !== null && 2 * conflicts.operations < shape.estimatedSteps;
  const places = isSparse ? conflicts.places : [];
  const estimatedSteps = isSparse ? Math.max(1, conflicts.operations) : shape.estimatedSteps;
  return fc
    .tuple(
      randomOrderArbitrary(shape),
      horizonArbitrary({ ...shape, estimatedSteps }).chain((horizon) => someOf(evenly(horizon - 1), maximumChanges)),
      randomSeedArbitrary(),
      randomSeedArbitrary(),
      patienceArbitrary(shape),
    )
    .map(([order, changes, seed, randomSeed, patience]) => {
      const priorities = { changes: changes.sort((one, other) => one - other), uses: [] };
      const walk = { seed, weights: [], places, gap: isSparse ? 0 : 1, priorities };
      return { order, preemptions: [], choices: [], randomSeed, ...patience, walk };
    });
};
