import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AnyScenario } from '../../scenario/any-scenario.js';
import { combinationsOf, maximumCombinations } from './combinations.js';

const drawing = (params: Record<string, unknown>, count: unknown = 2): AnyScenario =>
  ({ params, writers: { count, run: () => undefined } }) as unknown as AnyScenario;

describe('combinationsOf', () => {
  it('is one if nothing is drawn', () => {
    expect(combinationsOf(drawing({ size: 3 }))).toEqual([{ writers: 2, readers: 0, params: { size: 3 } }]);
  });

  it('has each combination of what is drawn once', () => {
    const found = combinationsOf(
      drawing({ flag: fc.boolean(), size: fc.constantFrom(1n, 2n, 3n) }, fc.integer({ min: 1, max: 4 })),
    );
    expect(found).toHaveLength(2 * 3 * 4);
  });

  it('tells values apart that JSON does not', () => {
    expect(
      combinationsOf(drawing({ value: fc.constantFrom(undefined, null, Number.NaN, -0, 0, new Map([[1, 2]])) })),
    ).toHaveLength(6);
  });

  it('is the same each time, and gives up where there are more than can be explored', () => {
    const few = drawing({ size: fc.nat({ max: maximumCombinations - 1 }) });
    expect(combinationsOf(few)).toHaveLength(maximumCombinations);
    expect(combinationsOf(few)).toEqual(combinationsOf(few));
    expect(combinationsOf(drawing({ size: fc.nat({ max: maximumCombinations }) }))).toBeUndefined();
    expect(combinationsOf(drawing({ text: fc.string() }))).toBeUndefined();
  });
});
