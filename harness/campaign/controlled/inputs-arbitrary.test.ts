import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AnyScenario } from '../../scenario/any-scenario.js';
import { inputsArbitrary } from './inputs-arbitrary.js';

const run = (): void => undefined;

describe('inputsArbitrary', () => {
  it('draws what the scenario leaves open, and takes the rest as it is', () => {
    const fixed = new Map([[1, { a: 2 }]]);
    const scenario: AnyScenario = {
      params: { drawn: fc.integer({ min: 3, max: 5 }), fixed, list: [fc.nat()] },
      writers: { count: fc.integer({ min: 1, max: 4 }), run },
      readers: { count: 7, run },
    };
    const inputs = fc.sample(inputsArbitrary(scenario), { numRuns: 200, seed: 1 });
    expect(new Set(inputs.map(({ writers }) => writers))).toEqual(new Set([1, 2, 3, 4]));
    expect(new Set(inputs.map(({ params }) => params['drawn']))).toEqual(new Set([3, 4, 5]));
    for (const { readers, params } of inputs) {
      expect(readers).toBe(7);
      expect(Object.keys(params)).toEqual(['drawn', 'fixed', 'list']);
      expect(params['fixed']).toBe(fixed);
      expect(params['list']).toBe(scenario.params?.['list']);
    }
  });

  it('gives a scenario without writers, readers and parameters none', () => {
    expect(fc.sample(inputsArbitrary({}), 1)).toEqual([{ writers: 0, readers: 0, params: {} }]);
  });

  it('makes what it draws smaller, one thing at a time', () => {
    const scenario: AnyScenario = { params: { a: fc.nat(), b: fc.nat() }, writers: { count: fc.nat(), run } };
    const { counterexample } = fc.check(
      fc.property(inputsArbitrary(scenario), ({ writers, params }) => writers < 2 || (params['b'] as number) < 3),
      { seed: 1 },
    );
    expect(counterexample).toEqual([{ writers: 2, readers: 0, params: { a: 0, b: 3 } }]);
  });
});
