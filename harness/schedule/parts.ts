import fc, { type Arbitrary } from 'fast-check';
import { usualSlice, type Preemption } from './schedule.js';
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

/** One to `maximum` preemptions, at any steps before `horizon`, in order. */
export function preemptionsArbitrary(shape: ScheduleShape, horizon: number, maximum: number): Arbitrary<Preemption[]> {
  const targets = Math.max(1, shape.maximumAgents - 1);
  return someOf(evenly(horizon * targets - 1), maximum).map((draws) =>
    inOrder(draws.map((draw) => ({ step: Math.floor(draw / targets), to: draw % targets }))),
  );
}

/** One to `maximum` values, all numbers equally likely. The bias of `fc.array` would often draw none. */
export function someOf<Value>(value: Arbitrary<Value>, maximum: number): Arbitrary<Value[]> {
  return fc
    .tuple(evenly(maximum - 1), ...Array.from({ length: maximum }, () => value))
    .map(([last, ...values]) => values.slice(0, last + 1));
}

/** By which the estimated length of an execution is multiplied, and how often. */
const horizons = [1, 1, 1, 1, 1, 1, 0.25, 0.5, 2, 4];

/** Up to which step places are drawn: mostly the estimated length of an execution, since some are shorter or longer. */
export function horizonArbitrary({ estimatedSteps, maximumAgents }: ScheduleShape): Arbitrary<number> {
  const longest = Math.floor(maximumDraw / maximumAgents);
  return fc
    .noBias(fc.constantFrom(...horizons))
    .map((factor) => Math.min(longest, Math.max(1, Math.round(estimatedSteps * factor))));
}

/** Switches that a walk through a long execution is meant to have, about: each takes as long as many other operations. */
const switchesOfWalk = 500;

/** By what a walk multiplies its gaps, so that long executions do not take too long. */
export function gapFactor({ estimatedSteps }: Pick<ScheduleShape, 'estimatedSteps'>): number {
  return Math.max(1, Math.ceil(estimatedSteps / switchesOfWalk));
}

/** Of a hundred schedules, how many have this patience; the others have the default. */
const patiences = [
  { patience: 30, percent: 12 },
  { patience: 300, percent: 4 },
  { patience: 3_000, percent: 2 },
] as const;

/** The slice of some schedules of executions in which an agent could use up the usual one, and how many of a hundred. */
const longSlice = { slice: 50_000, percent: 20 } as const;

/** How long an agent may spin, and how much it may do, before the others go first: mostly as little as possible. */
export function patienceArbitrary({
  estimatedSteps,
}: Pick<ScheduleShape, 'estimatedSteps'>): Arbitrary<{ readonly patience?: number; readonly slice?: number }> {
  const isLong = estimatedSteps > usualSlice;
  return evenly(99).map((drawn) => {
    let left = drawn;
    for (const { patience, percent } of patiences) {
      if (left < percent) return { patience };
      left -= percent;
    }
    return isLong && left < longSlice.percent ? { slice: longSlice.slice } : {};
  });
}

/** Puts preemptions in the order in which they take effect. */
export function inOrder(preemptions: Preemption[]): Preemption[] {
  return preemptions.length < 2 ? preemptions : preemptions.sort((first, second) => first.step - second.step);
}
