import fc from 'fast-check';
import { serialize } from 'node:v8';
import type { AnyScenario } from '../../scenario/any-scenario.js';
import type { PlanInputs } from '../../schedule/plan-arbitrary.js';
import { inputsArbitrary } from './inputs-arbitrary.js';

/** How many combinations of writers, readers and parameters are explored. */
export const maximumCombinations = 64;

/** Draws that are looked at: of so many equally likely combinations, one is missed about once in a hundred thousand cases. */
const draws = 1_000;

/**
 * The combinations of writers, readers and parameters of a scenario, in the order in which they are drawn first, as far as many draws
 * show them; undefined if there are more than `maximumCombinations`.
 */
export function combinationsOf(scenario: AnyScenario): readonly PlanInputs[] | undefined {
  const found = new Map<string, PlanInputs>();
  for (const inputs of fc.sample(inputsArbitrary(scenario), { numRuns: draws, seed: 0 })) {
    found.set(serialize(inputs).toString('base64'), inputs);
    if (found.size > maximumCombinations) return undefined;
  }
  return [...found.values()];
}
