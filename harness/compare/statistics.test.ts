import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mannWhitneyP, spreadOf } from './statistics.js';

const samples = fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 1, maxLength: 8 });

describe('spreadOf', () => {
  it('has the quartiles in order, between the extremes', () => {
    fc.assert(
      fc.property(samples, (values) => {
        const { minimum, lower, median, upper, maximum } = spreadOf(values)!;
        expect([minimum, lower, median, upper, maximum]).toEqual(
          [minimum, lower, median, upper, maximum].sort((first, second) => first - second),
        );
        expect([minimum, maximum]).toEqual([Math.min(...values), Math.max(...values)]);
      }),
    );
  });

  it('keeps the order of the rounds, and is nothing without any', () => {
    expect(spreadOf([3, 1, 2])).toMatchObject({ median: 2, samples: [3, 1, 2] });
    expect(spreadOf([])).toBeNull();
  });
});

/** Follows the definition: tries every way to distribute the values. */
function pByEnumeration(first: readonly number[], second: readonly number[]): number {
  const all = [...first, ...second];
  const wins = (chosen: readonly number[], others: readonly number[]): number =>
    chosen.reduce(
      (sum, value) => sum + others.reduce((won, other) => won + (value > other ? 1 : value === other ? 0.5 : 0), 0),
      0,
    );
  const expected = (first.length * second.length) / 2;
  const found = Math.abs(wins(first, second) - expected);
  let asExtreme = 0;
  let possible = 0;
  for (let mask = 0; mask < 2 ** all.length; mask++) {
    const isChosen = (_: number, index: number): boolean => ((mask >> index) & 1) === 1;
    const chosen = all.filter(isChosen);
    if (chosen.length !== first.length) continue;
    possible++;
    const others = all.filter((value, index) => !isChosen(value, index));
    if (Math.abs(wins(chosen, others) - expected) >= found - 1e-9) asExtreme++;
  }
  return asExtreme / possible;
}

describe('mannWhitneyP', () => {
  it('is what counting every way to share the values out gives, ties included', () => {
    const few = fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(few, few, (first, second) => {
        expect(mannWhitneyP(first, second)).toBeCloseTo(pByEnumeration(first, second), 9);
      }),
    );
  });

  it('knows the textbook values', () => {
    // Six against six with no overlap: 2 of the 924 ways are as extreme.
    expect(mannWhitneyP([1, 2, 3, 4, 5, 6], [7, 8, 9, 10, 11, 12])).toBeCloseTo(2 / 924, 12);
    expect(mannWhitneyP([1, 2, 3], [])).toBe(1);
  });

  it('does not mind which comes first, nor in which order, nor any scale', () => {
    fc.assert(
      fc.property(samples, samples, (first, second) => {
        const p = mannWhitneyP(first, second);
        expect(mannWhitneyP(second, first)).toBeCloseTo(p, 9);
        expect(mannWhitneyP([...first].reverse(), second)).toBeCloseTo(p, 9);
        const scale = (value: number): number => 3 * value + 1;
        expect(mannWhitneyP(first.map(scale), second.map(scale))).toBeCloseTo(p, 9);
      }),
    );
  });

  it('does with as many rounds as there may be', () => {
    const many = Array.from({ length: 50 }, (_, index) => index);
    expect(mannWhitneyP(many, many)).toBeCloseTo(1, 9);
    expect(
      mannWhitneyP(
        many,
        many.map((value) => value + 100),
      ),
    ).toBeLessThan(1e-10);
  });
});
