import fc, { type Arbitrary } from 'fast-check';
import type { Preemption } from './schedule.js';
import type { ScheduleShape } from './strategy.js';

/** Ranks beyond these keep their natural order: what matters is who goes first. */
const maximumRanks = 8;
const maximumChoices = 24;
/** Options of one choice that are told apart. */
const choiceOptions = 4;

/** An order of preference; half of the time the natural one. */
export function orderArbitrary(shape: ScheduleShape): Arbitrary<number[]> {
  const ranks = Math.min(shape.maximumAgents - 1, maximumRanks);
  return fc.array(fc.nat({ max: shape.maximumAgents - 1 }), { maxLength: ranks, size: 'max' });
}

/** Choices among ready tasks and successors. */
export function choicesArbitrary(): Arbitrary<number[]> {
  return fc.array(fc.nat({ max: choiceOptions - 1 }), { maxLength: maximumChoices, size: 'max' });
}

/** A seed for the program's own randomness. */
export function randomSeedArbitrary(): Arbitrary<number> {
  return fc.integer();
}

/** A preemption at any step of the execution; the list they end up in must be put in order. */
export function preemptionArbitrary(shape: ScheduleShape): Arbitrary<Preemption> {
  return fc
    .tuple(
      fc.noBias(fc.integer({ min: 0, max: Math.max(1, shape.estimatedSteps - 1) })),
      fc.noBias(fc.nat({ max: Math.max(0, shape.maximumAgents - 2) })),
    )
    .map(([step, to]) => ({ step, to }));
}

/** Puts preemptions in the order in which they take effect. */
export function inOrder(preemptions: readonly Preemption[]): Preemption[] {
  return [...preemptions].sort((first, second) => first.step - second.step);
}
