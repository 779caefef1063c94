import type { ScenarioDefinition } from './define.js';
import type { Invariant } from './invariant.js';
import { outcomesInvariant } from './outcomes.js';

/** A scenario without its types, as the harness handles it. */
export type AnyScenario = ScenarioDefinition<Record<string, unknown>, unknown>;

/** Everything that must be true in every execution: the invariants, and that no outcome is forbidden. */
export function invariantsOf({ invariants = [], outcomes }: AnyScenario): readonly Invariant<unknown>[] {
  return outcomes === undefined ? invariants : [...invariants, outcomesInvariant(outcomes)];
}
