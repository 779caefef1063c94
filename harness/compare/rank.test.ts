import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { areTied, rankBridges, tieRule, type Contestant } from './rank.js';

const contestants: fc.Arbitrary<Contestant[]> = fc
  .array(fc.array(fc.integer({ min: 1, max: 1_000 }), { maxLength: 7 }), { maxLength: 7 })
  .map((all) => all.map((samples, index) => ({ id: `bridge ${index}`, samples })));

const byId = (ranks: readonly { id: string; rank: number; tiedWith: readonly string[] }[]) =>
  new Map(ranks.map(({ id, rank, tiedWith }) => [id, { rank, tiedWith: [...tiedWith].sort() }]));

describe('rankBridges', () => {
  it('ranks alike in whatever order bridges come, and their rounds', () => {
    fc.assert(
      fc.property(
        contestants.chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length }))),
        fc.constantFrom('higher' as const, 'lower' as const),
        ([all, shuffled], better) => {
          const reversed = shuffled.map(({ id, samples }) => ({ id, samples: [...samples].reverse() }));
          expect(byId(rankBridges(reversed, better))).toEqual(byId(rankBridges(all, better)));
        },
      ),
    );
  });

  it('gives every measured bridge a rank: a group’s is one more than all before it', () => {
    fc.assert(
      fc.property(contestants, (all) => {
        const ranks = rankBridges(all, 'higher');
        expect(new Set(ranks.map(({ id }) => id))).toEqual(
          new Set(all.filter(({ samples }) => samples.length > 0).map(({ id }) => id)),
        );
        for (const { rank } of ranks) expect(ranks.filter((other) => other.rank < rank)).toHaveLength(rank - 1);
      }),
    );
  });

  it('ties identical measurements', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 1_000 }), { minLength: 1, maxLength: 7 }), (samples) => {
        const ranks = rankBridges(
          [
            { id: 'a', samples },
            { id: 'b', samples },
            { id: 'c', samples },
          ],
          'lower',
        );
        expect(ranks).toEqual([
          { id: 'a', rank: 1, tiedWith: ['b', 'c'] },
          { id: 'b', rank: 1, tiedWith: ['a', 'c'] },
          { id: 'c', rank: 1, tiedWith: ['a', 'b'] },
        ]);
      }),
    );
  });

  it('is turned around when less is better, as long as nothing ties', () => {
    const apart = [1, 10, 100].map((size) => ({ id: `${size}`, samples: [1, 2, 3, 4, 5].map((n) => size * (n + 10)) }));
    expect(rankBridges(apart, 'higher').map(({ id, rank }) => [id, rank])).toEqual([
      ['100', 1],
      ['10', 2],
      ['1', 3],
    ]);
    expect(rankBridges(apart, 'lower').map(({ id, rank }) => [id, rank])).toEqual([
      ['1', 1],
      ['10', 2],
      ['100', 3],
    ]);
  });
});

describe('areTied', () => {
  it('does not tell apart what differs by little, however sure that is', () => {
    const samples = [100, 100.1, 100.2, 100.3, 100.4, 100.5];
    const scaled = (factor: number): number[] => samples.map((value) => value * factor);
    expect(areTied(samples, scaled(1 + tieRule.smallestDifference * 0.9))).toBe(true);
    expect(areTied(samples, scaled(1 + tieRule.smallestDifference * 1.1))).toBe(false);
  });

  it('does not tell apart what may be chance, however much it is', () => {
    expect(areTied([1, 100, 2, 50, 3, 70], [60, 4, 90, 5, 80, 300])).toBe(true);
    // Three rounds are never enough: the most extreme of 20 ways and its opposite give p = 0.1.
    expect(areTied([1, 2, 3], [100, 200, 300])).toBe(true);
  });
});
