import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { maximumChoices, maximumPreemptions } from '../kernel/layout.js';
import { scheduleSchema } from '../results/schema.js';
import type { Schedule } from './schedule.js';
import { strategies } from './strategies.js';
import type { ScheduleShape } from './strategy.js';

const shapes: fc.Arbitrary<ScheduleShape> = fc.record({
  estimatedSteps: fc.oneof(fc.integer({ min: 1, max: 10 }), fc.integer({ min: 1, max: 1_000_000 })),
  maximumAgents: fc.integer({ min: 2, max: 65 }),
  conflicts: fc.option(
    fc.array(fc.tuple(fc.integer(), fc.integer()), { minLength: 1, maxLength: 64 }).chain((places) =>
      fc.record({
        places: fc.constant(places.map(([place]) => place)),
        uses: fc.constant(places.map(([, uses]) => uses)),
        operations: fc.integer({ min: 1, max: 1_000 }),
      }),
    ),
    { nil: null },
  ),
});

describe.each(Object.entries(strategies))('%s', (name, strategy) => {
  const drawn = shapes.chain((shape) => fc.tuple(fc.constant(shape), strategy(shape)));

  it('draws valid schedules', () => {
    fc.assert(
      fc.property(drawn, ([{ maximumAgents, estimatedSteps }, schedule]) => {
        const { order, preemptions, choices, randomSeed } = schedule;
        expect(scheduleSchema.parse(schedule)).toEqual(schedule);
        const steps = preemptions.map(({ step }) => step);
        expect(steps).toEqual([...steps].sort((first, second) => first - second));
        for (const { to } of preemptions) expect(to).toBeLessThan(Math.max(1, maximumAgents - 1));
        for (const pick of order) expect(pick).toBeLessThan(maximumAgents);
        expect(order.length).toBeLessThan(maximumAgents);
        expect(preemptions.length).toBeLessThanOrEqual(maximumPreemptions);
        expect(choices.length).toBeLessThanOrEqual(maximumChoices);
        expect(randomSeed).toBe(randomSeed | 0);
        // Executions may be longer than was estimated, but not by much.
        if (name === 'preemptions') {
          expect(preemptions.length).toBeGreaterThan(0);
          for (const step of steps) expect(step).toBeLessThan(4 * estimatedSteps);
        }
        if (name === 'pct') {
          const changes = schedule.walk?.priorities?.changes ?? [];
          expect(changes.length).toBeGreaterThan(0);
          expect(changes).toEqual([...changes].sort((first, second) => first - second));
          for (const change of changes) expect(change).toBeLessThan(4 * estimatedSteps);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('draws plain data: JSON gives the same schedule back', () => {
    fc.assert(
      fc.property(drawn, ([, schedule]) => {
        expect(JSON.parse(JSON.stringify(schedule))).toEqual(schedule);
      }),
    );
  });

  it('draws the same from the same seed', () => {
    const draw = (): Schedule[] =>
      fc.sample(strategy({ estimatedSteps: 50, maximumAgents: 4 }), { seed: 17, numRuns: 20 });
    expect(draw()).toEqual(draw());
  });
});

describe('preemptions fall anywhere, without favour', () => {
  const draws = 4_000;
  const shape = { estimatedSteps: 1_000, maximumAgents: 5 };

  it('preemptions', () => {
    const deciles = new Array<number>(10).fill(0);
    const targets = new Array<number>(4).fill(0);
    let count = 0;
    for (const { preemptions } of fc.sample(strategies.preemptions(shape), { seed: 5, numRuns: draws })) {
      for (const { step, to } of preemptions) {
        // The shortest horizon: all schedules have places before it.
        if (step >= shape.estimatedSteps / 4) continue;
        count++;
        deciles[Math.floor((step / shape.estimatedSteps) * 40)]! += 1;
        targets[to]! += 1;
      }
    }
    for (const decile of deciles) expect(decile / count).toBeGreaterThan(0.07);
    for (const decile of deciles) expect(decile / count).toBeLessThan(0.13);
    for (const target of targets) expect(target / count).toBeGreaterThan(0.2);
  });

  const sparse = { ...shape, conflicts: { places: [5, 6], uses: [1, 1], operations: 40 } };

  it.each([
    ['all operations', shape, 1_000, []],
    ['operations that conflict, if they are few', sparse, 40, [5, 6]],
    ['all operations, if most conflict', { ...shape, conflicts: { ...sparse.conflicts, operations: 600 } }, 1_000, []],
  ])('change points of pct: among %s', (_, of, operations, places) => {
    const deciles = new Array<number>(10).fill(0);
    let count = 0;
    for (const { walk } of fc.sample(strategies.pct(of), { seed: 5, numRuns: draws })) {
      expect(walk?.places).toEqual(places);
      for (const change of walk?.priorities?.changes ?? []) {
        if (change >= operations / 4) continue;
        count++;
        deciles[Math.floor((change / operations) * 40)]! += 1;
      }
    }
    for (const decile of deciles) expect(decile / count).toBeGreaterThan(0.07);
    for (const decile of deciles) expect(decile / count).toBeLessThan(0.13);
  });

  it('mix has every strategy in it', () => {
    const profiled = {
      ...shape,
      weights: [1, 2, 3],
      regions: [{ places: [5, 6], weights: [0, 1, 2] }],
      conflicts: { places: [5, 6], uses: [1, 1], operations: 300 },
      estimatedSteps: 500,
    };
    const samples = fc.sample(strategies.mix(profiled), { seed: 1, numRuns: 2_000 });
    const share = (is: (schedule: Schedule) => boolean): number => samples.filter(is).length / samples.length;
    expect(share(({ walk }) => walk?.weights.length === 3 && walk.places.length === 2)).toBeGreaterThan(0.3);
    expect(share(({ walk }) => walk?.weights.length === 3 && walk.places.length === 0)).toBeGreaterThan(0.1);
    expect(share(({ walk }) => walk?.priorities?.uses.length === 2)).toBeGreaterThan(0.1);
    expect(share(({ walk }) => (walk?.priorities?.changes.length ?? 0) > 0)).toBeGreaterThan(0.03);
    expect(share(({ walk }) => walk?.weights.length === 0 && walk.priorities === undefined)).toBeGreaterThan(0.03);
    expect(share(({ preemptions }) => preemptions.length > 60)).toBeGreaterThan(0.02);
    expect(share(({ preemptions }) => preemptions.length > 0 && preemptions.length <= 4)).toBeGreaterThan(0.07);
    expect(share(({ patience }) => patience !== undefined)).toBeGreaterThan(0.1);
    expect(share(({ patience }) => patience !== undefined)).toBeLessThan(0.3);
  });

  it.each([
    [5_000, 0, 0],
    [5_001, 0.15, 0.25],
  ])(
    'lets agents go on for longer only in executions that are long: of %i operations',
    (estimatedSteps, least, most) => {
      const samples = fc.sample(strategies.surw({ ...shape, estimatedSteps }), { seed: 1, numRuns: 2_000 });
      const share = samples.filter(({ slice }) => slice === 50_000).length / samples.length;
      expect(share).toBeGreaterThanOrEqual(least);
      expect(share).toBeLessThanOrEqual(most);
    },
  );
});
