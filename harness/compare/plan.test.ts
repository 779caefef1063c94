import fc from 'fast-check';
import { expect, it } from 'vitest';
import { planVisits } from './plan.js';

const options = fc.record({
  writers: fc.integer({ min: 1, max: 8 }),
  writerCounts: fc.array(fc.integer({ min: 1, max: 8 }), { maxLength: 4 }),
  rounds: fc.integer({ min: 1, max: 6 }),
  scalingRounds: fc.integer({ min: 0, max: 3 }),
  seed: fc.integer(),
});
const bridges = ['a', 'b', 'c', 'd'];

it('visits every bridge once in each round before the next round begins', () => {
  fc.assert(
    fc.property(options, (planned) => {
      const visits = planVisits(bridges, planned);
      for (let start = 0; start < visits.length; start += bridges.length) {
        const round = visits.slice(start, start + bridges.length);
        expect(round.map(({ bridge }) => bridge).sort()).toEqual(bridges);
        expect(new Set(round.map(({ writers, isMain }) => `${writers} ${isMain}`)).size).toBe(1);
      }
    }),
  );
});

it('has as many rounds of each kind as were asked for', () => {
  fc.assert(
    fc.property(options, (planned) => {
      const { writers, writerCounts, rounds, scalingRounds } = planned;
      const visits = planVisits(['a'], planned);
      expect(visits.filter(({ isMain }) => isMain)).toEqual(
        Array.from({ length: rounds }, () => ({ bridge: 'a', writers, isMain: true })),
      );
      const others = new Set(writerCounts.filter((count) => count !== writers));
      for (const count of others)
        expect(visits.filter((visit) => !visit.isMain && visit.writers === count)).toHaveLength(scalingRounds);
      expect(visits).toHaveLength(rounds + others.size * scalingRounds);
    }),
  );
});

it('is the same for the same seed, and has another order in each round', () => {
  const planned = { writers: 4, writerCounts: [], rounds: 20, scalingRounds: 0, seed: 7 };
  const orders = planVisits(bridges, planned)
    .map(({ bridge }) => bridge)
    .join('')
    .match(/..../g);
  expect(
    planVisits(bridges, planned)
      .map(({ bridge }) => bridge)
      .join('')
      .match(/..../g),
  ).toEqual(orders);
  expect(new Set(orders).size).toBeGreaterThan(5);
});
