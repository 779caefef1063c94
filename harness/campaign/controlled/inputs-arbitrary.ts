import fc, { type Arbitrary } from 'fast-check';
import type { AnyScenario } from '../../scenario/any-scenario.js';
import type { ArbitraryOf } from '../../scenario/define.js';
import { isArbitrary } from '../../scenario/validate-draws.js';
import type { PlanInputs } from '../../schedule/plan-arbitrary.js';

const asArbitrary = <Value>(value: Value | ArbitraryOf<Value>): Arbitrary<Value> =>
  isArbitrary(value) ? (value as Arbitrary<Value>) : fc.constant(value as Value);

/** Draws what a scenario leaves open: counts and parameters. */
export function inputsArbitrary(scenario: AnyScenario): Arbitrary<PlanInputs> {
  const params = Object.entries(scenario.params ?? {});
  return fc
    .tuple(
      asArbitrary(scenario.writers?.count ?? 0),
      asArbitrary(scenario.readers?.count ?? 0),
      fc.tuple(...params.map(([, value]) => asArbitrary(value))),
    )
    .map(([writers, readers, values]) => ({
      writers,
      readers,
      params: Object.fromEntries(params.map(([name], index) => [name, values[index]])),
    }));
}
