import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { scheduleSchema } from '../results/schema.js';
import { inOrder } from './parts.js';
import { PlanArbitrary, type PlanInputs } from './plan-arbitrary.js';
import type { Plan, Schedule } from './schedule.js';
import { strategies } from './strategies.js';

const shape = { estimatedSteps: 100, maximumAgents: 5 };
const inputs: fc.Arbitrary<PlanInputs> = fc.record({
  writers: fc.integer({ min: 1, max: 4 }),
  readers: fc.integer({ min: 0, max: 3 }),
  params: fc.record({ increments: fc.integer({ min: 1, max: 5 }) }),
});

/** Stands for executing a walk: what it would decide. */
function decided({ walk, ...schedule }: Schedule): Schedule {
  if (walk === undefined) return schedule;
  const numbers = fc.sample(fc.array(fc.nat({ max: 400 }), { minLength: 8, maxLength: 40 }), {
    seed: walk.seed,
    numRuns: 1,
  })[0]!;
  const preemptions = inOrder(numbers.map((number) => ({ step: number >> 2, to: number % 4 })));
  return { ...schedule, preemptions, choices: numbers.slice(0, 5) };
}
const decide = (plan: Plan): Schedule => decided(plan.schedule);

/** The number a campaign spends on one counterexample. */
const maximumShrinkExecutions = 20_000;

const increments = (plan: Plan): number => plan.params['increments'] as number;

/** Stand-ins for programs: whether a plan makes them fail, and the smallest plan that does. */
const programs: Readonly<Record<string, { readonly fails: (plan: Plan) => boolean; readonly least: object }>> = {
  'any preemption from a step on': {
    fails: ({ schedule }) => schedule.preemptions.some(({ step }) => step >= 17),
    least: { writers: 1, readers: 0, preemptions: [{ step: 17, to: 0 }] },
  },
  'a preemption to the second of three others': {
    fails: ({ writers, schedule }) =>
      writers >= 3 && schedule.preemptions.some(({ step, to }) => step >= 5 && to % writers === 1),
    least: { writers: 3, readers: 0, preemptions: [{ step: 5, to: 1 }] },
  },
  'two preemptions some way apart': {
    fails: ({ schedule: { preemptions } }) =>
      preemptions.some((first) => first.step >= 4 && preemptions.some((second) => second.step >= first.step + 6)),
    least: {
      writers: 1,
      readers: 0,
      preemptions: [
        { step: 4, to: 0 },
        { step: 10, to: 0 },
      ],
    },
  },
  'a preemption whose place depends on the parameters': {
    fails: (plan) =>
      plan.schedule.preemptions.some(({ step }) => step % (3 * increments(plan) + 4) === 3 * increments(plan) + 1),
    least: { writers: 1, readers: 0, preemptions: [{ step: 4, to: 0 }] },
  },
  'a choice': {
    fails: ({ schedule }) => (schedule.choices[2] ?? 0) % 2 === 1,
    least: { writers: 1, readers: 0, preemptions: [], choices: [0, 0, 1] },
  },
  'who goes first': {
    fails: ({ writers, schedule }) => (schedule.order[0] ?? 0) % (writers + 1) === 1,
    least: { writers: 1, readers: 0, preemptions: [], order: [1] },
  },
  'a number of writers and readers': {
    fails: ({ writers, readers }) => writers * (readers + 1) >= 4,
    least: { preemptions: [] },
  },
};

/** Strategies whose preemptions all go to the most preferred of the others: they cannot find what needs another target. */
const withoutTargets = ['pct', 'roundRobin'];

describe.each(Object.entries(strategies))('PlanArbitrary over %s', (strategyName, strategy) => {
  const reachable = Object.entries(programs).filter(
    ([name]) => !withoutTargets.includes(strategyName) || name !== 'a preemption to the second of three others',
  );

  it.each(reachable)('shrinks to the least plan: %s', (_name, { fails, least }) => {
    for (let seed = 0; seed < 6; seed++) {
      let executions = 0;
      const holds = (plan: Plan): boolean => {
        executions++;
        return !fails({ ...plan, schedule: decided(plan.schedule) });
      };
      const arbitrary = new PlanArbitrary(inputs, strategy(shape), { decide });
      const result = fc.check(fc.property(arbitrary, holds), { seed, numRuns: 3_000 });
      expect(result.failed).toBe(true);
      const [plan] = result.counterexample!;
      expect(fails(plan)).toBe(true);
      expect(executions - result.numRuns).toBeLessThan(maximumShrinkExecutions);
      const { order, preemptions, choices, randomSeed } = plan.schedule;
      expect({ writers: plan.writers, readers: plan.readers, order, preemptions, choices, randomSeed }).toMatchObject({
        order: [],
        choices: [],
        randomSeed: 0,
        ...least,
      });
      if (!('writers' in least)) expect(plan.writers * (plan.readers + 1)).toBe(4);
      expect(increments(plan)).toBe(1);

      // A seed and a path hold only the path: following it again leads directly to the same plan.
      let walked = 0;
      const again = fc.check(
        fc.property(new PlanArbitrary(inputs, strategy(shape), { decide }), (replayed) => {
          walked++;
          return !fails({ ...replayed, schedule: decided(replayed.schedule) });
        }),
        { seed, path: result.counterexamplePath!, endOnFailure: true },
      );
      expect(again.counterexample).toEqual(result.counterexample);
      expect(walked).toBe(1);
    }
  });
});

describe('PlanArbitrary', () => {
  const arbitrary = new PlanArbitrary(inputs, strategies.mix(shape), { decide });

  it('gives the plan that was met on the way at every prefix of a path', () => {
    const met: Plan[] = [];
    const fails = ({ schedule }: Plan): boolean =>
      decided(schedule).preemptions.some(({ step, to }) => step >= 9 && to >= 1);
    const result = fc.check(
      fc.property(arbitrary, (plan) => {
        if (fails(plan)) met.push(plan);
        return !fails(plan);
      }),
      { seed: 3, numRuns: 3_000 },
    );
    const steps = result.counterexamplePath!.split(':');
    expect(met).toHaveLength(steps.length);
    steps.forEach((_, index) => {
      const path = steps.slice(0, index + 1).join(':');
      const replayed = fc.check(
        fc.property(arbitrary, (plan) => !fails(plan)),
        { seed: 3, path, endOnFailure: true },
      );
      expect(replayed.counterexample).toEqual([met[index]]);
    });
  });

  it('draws inputs that its own arbitrary draws, and leaves the schedule to the strategy', () => {
    fc.assert(
      fc.property(arbitrary, (plan) => {
        expect(plan.writers).toBeGreaterThanOrEqual(1);
        expect(plan.writers).toBeLessThanOrEqual(4);
        expect(scheduleSchema.parse(plan.schedule)).toEqual(plan.schedule);
      }),
    );
  });

  it('shrinks a walk to what it decided, or tries others if that cannot be told', () => {
    const walk = { seed: 5, weights: [], places: [], gap: 1 };
    const schedule: Schedule = { order: [2], preemptions: [], choices: [], randomSeed: 7, patience: 30, walk };
    const first = (decides: boolean): Schedule[] => {
      const constant = new PlanArbitrary(fc.constant({ writers: 2, readers: 1, params: {} }), fc.constant(schedule), {
        decide: () => (decides ? decided(schedule) : undefined),
      });
      const seen: Schedule[] = [];
      fc.check(
        fc.property(constant, (plan) => seen.push(plan.schedule) > 1),
        { numRuns: 1 },
      );
      return seen.slice(1);
    };
    expect(first(true)).toEqual([decided(schedule)]);
    expect(first(false).length).toBeGreaterThan(1);
    for (const simpler of first(false)) expect(simpler).not.toHaveProperty('walk');
  });

  it('never claims that it can shrink what it did not draw', () => {
    const [plan] = fc.sample(arbitrary, 1);
    expect(arbitrary.canShrinkWithoutContext(plan)).toBe(false);
    expect([...arbitrary.shrink(plan!, undefined)]).toEqual([]);
  });
});
