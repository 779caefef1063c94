import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inOrder } from './parts.js';
import type { Schedule } from './schedule.js';
import { inputVariants, simplerSchedules } from './simplify.js';
import { strategies } from './strategies.js';

const shape = { estimatedSteps: 120, maximumAgents: 5 };

const schedules: fc.Arbitrary<Schedule> = fc.oneof(
  fc.record({
    order: fc.array(fc.nat({ max: 4 }), { maxLength: 4 }),
    preemptions: fc
      .array(fc.record({ step: fc.nat({ max: 100 }), to: fc.nat({ max: 4 }) }), { maxLength: 5 })
      .map(inOrder),
    choices: fc.array(fc.nat({ max: 4 }), { maxLength: 5 }),
    randomSeed: fc.constantFrom(0, 0, 7, -1),
    patience: fc.constantFrom(undefined, undefined, 30),
  }),
  // Of a walk, only what it decided is made simpler.
  strategies.mix(shape).map(({ walk: _, ...schedule }) => schedule),
);
const agentCounts = fc.integer({ min: 2, max: 5 });

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

/** The most important first: preemptions matter most to the reader of a counterexample, then anything else that is not simple. */
function measureOf({ order, preemptions, choices, randomSeed, patience }: Schedule): number[] {
  return [
    patience === undefined ? 0 : 1,
    preemptions.length,
    order.length + choices.length,
    sum(order) + sum(choices),
    randomSeed === 0 ? 0 : 1,
    sum(preemptions.map(({ step }) => step)),
    sum(preemptions.map(({ to }) => to)),
  ];
}

function isSmaller(first: readonly number[], second: readonly number[]): boolean {
  const place = first.findIndex((number, index) => number !== second[index]);
  return place !== -1 && first[place]! < second[place]!;
}

const isSorted = ({ preemptions }: Schedule): boolean =>
  preemptions.every(({ step }, index) => index === 0 || preemptions[index - 1]!.step <= step);

/** Examines only the first items of a long list. */
function* firstOf<Item>(items: Iterable<Item>, count: number): IterableIterator<Item> {
  let taken = 0;
  for (const item of items) {
    if (taken++ === count) return;
    yield item;
  }
}

/** Throws at whoever writes into it. */
function frozen({ order, preemptions, choices, ...others }: Schedule): Schedule {
  return Object.freeze({
    ...others,
    order: Object.freeze([...order]),
    preemptions: Object.freeze(preemptions.map((preemption) => Object.freeze({ ...preemption }))),
    choices: Object.freeze([...choices]),
  });
}

const tried = (found: Iterable<Schedule>): Schedule[] => [...firstOf(found, 2_000)];

describe('simplerSchedules', () => {
  it('yields nothing that is not smaller by a measure that cannot fall for ever', () => {
    fc.assert(
      fc.property(schedules, agentCounts, (schedule, agents) => {
        const measure = measureOf(schedule);
        for (const simpler of firstOf(simplerSchedules(schedule, agents), 20_000)) {
          if (!isSmaller(measureOf(simpler), measure)) expect(simpler).toBe('something smaller');
          if (!isSorted(simpler)) expect(simpler).toBe('in order');
        }
      }),
      { numRuns: 200 },
    );
  });

  it('yields nothing for the simplest schedule', () => {
    expect([...simplerSchedules({ order: [], preemptions: [], choices: [], randomSeed: 0 }, 4)]).toEqual([]);
  });

  it('leaves the schedule it is given as it is', () => {
    fc.assert(
      fc.property(schedules, agentCounts, (schedule, agents) => {
        const found = tried(simplerSchedules(schedule, agents));
        expect(tried(simplerSchedules(frozen(schedule), agents))).toEqual(found);
      }),
    );
  });

  it('yields the same for what JSON gives back: a saved path means the same in another process', () => {
    fc.assert(
      fc.property(schedules, agentCounts, (schedule, agents) => {
        const copy = JSON.parse(JSON.stringify(schedule)) as Schedule;
        expect([...firstOf(simplerSchedules(copy, agents), 500)]).toEqual([
          ...firstOf(simplerSchedules(schedule, agents), 500),
        ]);
      }),
    );
  });

  it('can take away each single thing that is not needed', () => {
    const schedule = {
      order: [1],
      preemptions: [
        { step: 3, to: 0 },
        { step: 9, to: 1 },
        { step: 12, to: 0 },
      ],
      choices: [2],
      randomSeed: 4,
    };
    const simpler = [...simplerSchedules(schedule, 3)];
    for (const place of [0, 1, 2]) {
      expect(simpler).toContainEqual({ ...schedule, preemptions: schedule.preemptions.toSpliced(place, 1) });
    }
    expect(simpler).toContainEqual({ ...schedule, order: [] });
    expect(simpler).toContainEqual({ ...schedule, choices: [] });
    expect(simpler).toContainEqual({ ...schedule, choices: [1] });
    expect(simpler).toContainEqual({ ...schedule, randomSeed: 0 });
    expect(simpler).toContainEqual({
      ...schedule,
      preemptions: [{ step: 2, to: 0 }, schedule.preemptions[1], schedule.preemptions[2]],
    });
    expect(simpler).toContainEqual({ ...schedule, preemptions: schedule.preemptions.with(1, { step: 9, to: 0 }) });
  });
});

describe('inputVariants', () => {
  it('leaves the schedule it is given as it is', () => {
    fc.assert(
      fc.property(schedules, agentCounts, (schedule, agents) => {
        const found = tried(inputVariants(schedule, agents));
        expect(tried(inputVariants(frozen(schedule), agents))).toEqual(found);
      }),
    );
  });

  it('yields the schedule itself, and none with more preemptions', () => {
    fc.assert(
      fc.property(schedules, agentCounts, (schedule, agents) => {
        const variants = [...firstOf(inputVariants(schedule, agents), 5_000)];
        expect(variants).toContainEqual(schedule);
        for (const variant of variants) {
          expect(variant.preemptions.length).toBeLessThanOrEqual(schedule.preemptions.length);
          expect(isSorted(variant)).toBe(true);
        }
      }),
    );
  });
});
