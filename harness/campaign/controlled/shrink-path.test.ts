import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ShrinkPath } from './shrink-path.js';

const values = fc.array(fc.nat({ max: 1_000 }), { maxLength: 12 });
const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

/** Follows a search of fast-check's for a list whose sum is too large. */
function search(
  seed: number,
  bound: number,
  path: string | null,
): { readonly own: string; readonly its: string | null } {
  const followed = new ShrinkPath(path);
  const { counterexamplePath } = fc.check(
    fc.property(values, (numbers) => {
      followed.next();
      if (sum(numbers) < bound) return true;
      followed.failed();
      return false;
    }),
    { seed, numRuns: 50, ...(path === null ? {} : { path }) },
  );
  return { own: followed.toString(), its: counterexamplePath };
}

describe('ShrinkPath', () => {
  it('is where fast-check says it is, whatever fails and however often it is shrunk', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1, max: 3_000 }), (seed, bound) => {
        const { own, its } = search(seed, bound, null);
        expect(own).toBe(its ?? '');
      }),
    );
  });

  it('goes on from a path that fast-check is given', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1, max: 2_000 }), fc.nat({ max: 5 }), (seed, bound, kept) => {
        const whole = search(seed, bound, null).its;
        fc.pre(whole !== null);
        const path = whole
          .split(':')
          .slice(0, 1 + kept)
          .join(':');
        expect(search(seed, bound, path)).toEqual({ own: whole, its: whole });
      }),
    );
  });
});
