import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TotalBudget } from './total-budget.js';

const holding = { shouldHold: true };
const failing = { shouldHold: false };

describe('TotalBudget', () => {
  it('gives all scenarios that should hold the same share, of all lanes together', () => {
    let now = 0;
    const budget = new TotalBudget(10_000, 2, [holding, holding, holding, holding], () => now);
    expect(budget.begin(holding)).toBe(5_000);
    expect(budget.begin(holding)).toBeCloseTo(20_000 / 3);
    now = 5_000;
    expect(budget.begin(holding)).toBe(5_000);
  });

  it('passes on what was not used', () => {
    let now = 0;
    const budget = new TotalBudget(10_000, 1, [holding, holding], () => now);
    expect(budget.begin(holding)).toBe(5_000);
    now = 1_000;
    budget.end(holding, 1_000, 1_000);
    expect(budget.begin(holding)).toBe(9_000);
  });

  it('keeps back what scenarios that expect a failure will take, and what loading takes', () => {
    let now = 0;
    const budget = new TotalBudget(10_000, 1, [failing, failing, holding, holding], () => now);
    expect(budget.begin(failing)).toBe(Infinity);
    now = 1_000;
    budget.end(failing, 1_000, 800);
    expect(budget.begin(holding)).toBe((9_000 - 1_000) / 2);
    now = 5_500;
    budget.end(holding, 4_500, 4_000);
    expect(budget.begin(holding)).toBe(4_500 - 1_000 - 500);
  });

  it('ends in time whatever scenarios take, except for the least share of each', () => {
    const took = fc.record({ shouldHold: fc.boolean(), needsMs: fc.integer({ min: 0, max: 400 }) });
    fc.assert(
      fc.property(fc.array(took, { maxLength: 40 }), (scenarios) => {
        let now = 0;
        const total = 20_000;
        const budget = new TotalBudget(total, 1, scenarios, () => now);
        let besides = 0;
        for (const scenario of scenarios) {
          const share = budget.begin(scenario);
          const explored = scenario.shouldHold ? share : 0;
          besides += scenario.needsMs;
          now += scenario.needsMs + explored;
          budget.end(scenario, scenario.needsMs + explored, explored);
        }
        expect(now).toBeLessThanOrEqual(total + besides + 100 * scenarios.length);
      }),
    );
  });
});
