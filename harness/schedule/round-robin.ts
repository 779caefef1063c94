import fc from 'fast-check';
import { choicesArbitrary, orderArbitrary, randomSeedArbitrary } from './parts.js';
import type { Strategy } from './strategy.js';

/** Turns of one schedule; after them, the execution continues without preemptions. */
const maximumTurns = 128;
const maximumQuantumSteps = 8;

/** Every agent in turn, each for the same number of steps: fair, and favouring no particular timing. */
export const roundRobin: Strategy = (shape) =>
  fc
    .tuple(
      orderArbitrary(shape),
      fc.integer({ min: 1, max: maximumQuantumSteps }),
      fc.nat({ max: maximumQuantumSteps - 1 }),
      choicesArbitrary(),
      randomSeedArbitrary(),
    )
    .map(([order, quantum, offset, choices, randomSeed]) => {
      const turns = Math.min(maximumTurns, Math.ceil(shape.estimatedSteps / quantum) + 1);
      const preemptions = Array.from({ length: turns }, (_, turn) => ({ step: offset + (turn + 1) * quantum, to: 0 }));
      return { order, preemptions, choices, randomSeed };
    });
