import fc from 'fast-check';
import {
  choicesArbitrary,
  evenly,
  horizonArbitrary,
  inOrder,
  randomOrderArbitrary,
  randomSeedArbitrary,
  someOf,
  spinArbitrary,
} from './parts.js';
import type { Strategy } from './strategy.js';

/** Priority change points: bugs of a depth up to one more than this are found with a known probability. */
const maximumChangePoints = 4;

/**
 * Probabilistic concurrency testing (Burckhardt, Kothari, Musuvathi, Nagarakatte: "A Randomized Scheduler with
 * Probabilistic Guarantees of Finding Bugs", ASPLOS 2010): random priorities, and a few change points at which the
 * running agent drops to the lowest one. A preemption to option 0 is a change point: the preempted agent becomes the
 * least preferred and the most preferred of the others takes over. Unlike in the paper, an agent that is woken waits for
 * the next change point even if it has a higher priority than its waker.
 */
export const pct: Strategy = (shape) =>
  fc
    .tuple(
      randomOrderArbitrary(shape),
      horizonArbitrary(shape).chain((horizon) => someOf(evenly(horizon - 1), maximumChangePoints)),
      choicesArbitrary(),
      randomSeedArbitrary(),
      spinArbitrary(),
    )
    .map(([order, steps, choices, randomSeed, spin]) => ({
      order,
      preemptions: inOrder(steps.map((step) => ({ step, to: 0 }))),
      choices,
      randomSeed,
      ...spin,
    }));
