import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { repeatsItself } from '../results/interleaving-counts.js';
import { InterleavingCount } from './interleaving-count.js';

function countsOf(interleavings: readonly number[], limit?: number): ReturnType<InterleavingCount['counts']> {
  const count = new InterleavingCount(limit);
  count.add(interleavings);
  return count.counts();
}

const repeated = (times: number): number[] => Array.from({ length: times }, () => 1);

describe('InterleavingCount', () => {
  it('knows nothing before the first execution', () => {
    expect(countsOf([])).toBeUndefined();
  });

  it('counts the different ones, and the new ones of the last half', () => {
    expect(countsOf([1, 2, 1, 1, 3, 2, 3, 4])).toMatchObject({
      executions: 8,
      distinct: 4,
      lastExecutions: 4,
      newInLast: 2,
    });
  });

  it('counts the new ones of the last thousand at most', () => {
    const counts = countsOf([...Array.from({ length: 3_000 }, (_, index) => index), ...repeated(600)]);
    expect(counts).toMatchObject({ executions: 3_600, distinct: 3_000, lastExecutions: 1_000, newInLast: 400 });
  });

  it('does not depend on how they come in parts', () => {
    fc.assert(
      fc.property(fc.array(fc.array(fc.nat({ max: 9 }), { maxLength: 20 })), (parts) => {
        const count = new InterleavingCount();
        for (const part of parts) count.add(part);
        expect(count.counts()).toEqual(countsOf(parts.flat()));
      }),
    );
  });

  it('estimates what was not seen by what was seen once and twice', () => {
    // Seen once: 3, 4, 5. Seen twice: 2.
    const counts = countsOf([1, 1, 1, 2, 2, 3, 4, 5]);
    expect(counts?.chanceOfNew).toBeCloseTo(3 / 8);
    expect(counts?.estimatedTotal).toBe(5 + Math.round((3 * 2) / (2 * 2)));
    expect(countsOf([1, 1, 2, 2])).toMatchObject({ chanceOfNew: 0, estimatedTotal: 2 });
  });

  it('comes near to the true number when all are about equally likely', () => {
    const total = 200;
    let state = 7;
    const draws = Array.from({ length: 300 }, () => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return Math.floor((state / 2 ** 32) * total);
    });
    const counts = countsOf(draws)!;
    expect(counts.distinct).toBeLessThan(0.85 * total);
    expect(counts.estimatedTotal).toBeGreaterThan(0.85 * total);
    expect(counts.estimatedTotal).toBeLessThan(1.15 * total);
  });

  it('ends when there are more than it can remember, and says of how many executions it speaks', () => {
    expect(countsOf([1, 2, 1, 3, 1], 2)).toMatchObject({ executions: 3, distinct: 2 });
    const count = new InterleavingCount(2);
    count.add([1, 2, 3]);
    count.add([1, 1]);
    expect(count.counts()).toMatchObject({ executions: 2 });
  });
});

describe('repeatsItself', () => {
  it.each([
    ['nothing new in the last half', repeated(100), true],
    ['too few to tell', repeated(99), false],
    ['something new near the end', [...repeated(100), 2], false],
  ])('%s', (_, interleavings, repeats) => {
    expect(repeatsItself(countsOf(interleavings)!)).toBe(repeats);
  });
});
