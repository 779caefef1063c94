import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { areEqual, inWords, keyOf } from './values.js';

describe('keyOf', () => {
  it('is the same for equal values and their clones', () => {
    fc.assert(
      fc.property(
        fc.anything({ withBigInt: true, withDate: true, withMap: true, withSet: true, withTypedArray: true }),
        (value) => {
          expect(keyOf(structuredClone(value))).toBe(keyOf(value));
        },
      ),
    );
  });

  it.each([
    [1, 1n],
    [1, '1'],
    [null, undefined],
    [[], {}],
    [
      [1, 2],
      [2, 1],
    ],
    [{ a: 1 }, { a: 2 }],
    [{ a: 1, b: 2 }, { 'a: 1, b': 2 }],
    [new Map([[1, 2]]), new Map([[2, 1]])],
    [new Set([1]), [1]],
    [Int32Array.of(1), Uint32Array.of(1)],
    [new Date(0), new Date(1)],
  ])('tells the values of case %# apart', (first, second) => {
    expect(areEqual(first, second)).toBe(false);
  });

  it('does not care for the order of fields, or the sign of zero', () => {
    expect(areEqual({ a: 1, b: [2] }, { b: [2], a: 1 })).toBe(true);
    expect(areEqual(0, -0)).toBe(true);
    expect(areEqual(Number.NaN, Number.NaN)).toBe(true);
  });

  it('ends on values that contain themselves', () => {
    const circle: unknown[] = [];
    circle.push(circle);
    expect(keyOf(circle)).toBe('[[circular]]');
  });
});

describe('inWords', () => {
  it('shows values briefly', () => {
    expect(inWords({ key: 1, payload: [1, 2n], text: 'a' })).toBe('{key: 1, payload: [1, 2n], text: "a"}');
    expect(inWords(new Int32Array(1_000)).length).toBeLessThan(200);
  });
});
