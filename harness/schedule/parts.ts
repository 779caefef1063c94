import fc, { type Arbitrary } from 'fast-check';
import type { Preemption } from './schedule.js';
import type { ScheduleShape } from './strategy.js';

/*
 * The parts that strategies are made of. Each part is drawn as one or two numbers and unfolded: drawing was measured to
 * cost as much as executing when every choice was a draw of its own, and shrinking does not need the parts, since it
 * works on the unfolded schedule.
 */

/** Ranks beyond these keep their natural order: what matters is which agents go first. */
const maximumRanks = 8;
const choicesPerDraw = 16;
const choiceDraws = 2;
const bitsPerChoice = 2;
const maximumDraw = 0x7fffffff;

/** A whole number drawn evenly. */
export function evenly(maximum: number): Arbitrary<number> {
  return fc.noBias(fc.nat({ max: Math.max(0, maximum) }));
}

/** A chain of numbers that depend on the first and look unrelated to it (a linear congruential generator). */
function* unfold(draw: number): Generator<number> {
  for (let state = draw; ;) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    yield state >>> 8;
  }
}

/** Ranks for as many agents as have one, from one draw. */
export function ranksFrom(draw: number, shape: ScheduleShape): number[] {
  const ranks = Math.min(shape.maximumAgents - 1, maximumRanks);
  const numbers = unfold(draw);
  return Array.from({ length: ranks }, (_, rank) => Number(numbers.next().value) % (shape.maximumAgents - rank));
}

/** An order of preference; every second time the natural one. */
export function orderArbitrary(shape: ScheduleShape): Arbitrary<number[]> {
  return evenly(maximumDraw).map((draw) => (draw % 2 === 0 ? [] : ranksFrom(draw, shape)));
}

/** A random order of preference. */
export function randomOrderArbitrary(shape: ScheduleShape): Arbitrary<number[]> {
  return evenly(maximumDraw).map((draw) => ranksFrom(draw, shape));
}

/** Choices among ready tasks and successors, each from 0 to 3. */
export function choicesArbitrary(): Arbitrary<number[]> {
  const draws = Array.from({ length: choiceDraws }, () => fc.noBias(fc.integer()));
  return fc.tuple(evenly(choicesPerDraw * choiceDraws), ...draws).map(([length, ...bits]) =>
    Array.from({ length }, (_, index) => {
      const word = bits[Math.floor(index / choicesPerDraw)] ?? 0;
      return (word >>> ((index % choicesPerDraw) * bitsPerChoice)) & ((1 << bitsPerChoice) - 1);
    }),
  );
}

/** A seed for the program's own randomness. */
export function randomSeedArbitrary(): Arbitrary<number> {
  return fc.noBias(fc.integer());
}

/** Up to this many preemptions, at any steps of the execution, in order. */
export function preemptionsArbitrary(shape: ScheduleShape, maximum: number): Arbitrary<Preemption[]> {
  const targets = Math.max(1, shape.maximumAgents - 1);
  return fc
    .array(evenly(shape.estimatedSteps * targets - 1), { maxLength: maximum, size: 'max' })
    .map((draws) => inOrder(draws.map((draw) => ({ step: Math.floor(draw / targets), to: draw % targets }))));
}

/** Puts preemptions in the order in which they take effect. */
export function inOrder(preemptions: Preemption[]): Preemption[] {
  return preemptions.length < 2 ? preemptions : preemptions.sort((first, second) => first.step - second.step);
}
