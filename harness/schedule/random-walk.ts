import fc from 'fast-check';
import type { Preemption } from './schedule.js';
import { choicesArbitrary, evenly, orderArbitrary, randomSeedArbitrary } from './parts.js';
import type { ScheduleShape, Strategy } from './strategy.js';

/** Switches of one walk; after them, the execution continues without preemptions. */
const maximumSwitches = 64;
/** Mean numbers of steps between two switches. Each walk draws one of them. */
const meanGaps = [1, 2, 4, 8, 16];

/** Turns gaps and targets, drawn as one number each, into preemptions. */
function walk(draws: readonly number[], gap: number, shape: ScheduleShape): Preemption[] {
  const others = Math.max(1, shape.maximumAgents - 1);
  let step = 0;
  return draws.map((draw) => {
    step += 1 + (Math.floor(draw / others) % (2 * gap - 1));
    return { step: step - 1, to: draw % others };
  });
}

/** Switches to a random agent every few steps: many shallow switches, for bugs that need many agents. */
export const randomWalk: Strategy = (shape) =>
  fc
    .tuple(
      orderArbitrary(shape),
      fc.constantFrom(...meanGaps),
      fc.array(evenly(0xffff), { minLength: 1, maxLength: maximumSwitches, size: 'max' }),
      choicesArbitrary(),
      randomSeedArbitrary(),
    )
    .map(([order, gap, draws, choices, randomSeed]) => ({
      order,
      preemptions: walk(draws, gap, shape),
      choices,
      randomSeed,
    }));
