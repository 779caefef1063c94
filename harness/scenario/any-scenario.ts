import type { ScenarioDefinition } from './define.js';
import { invariant, type Invariant } from './invariant.js';
import { outcomesInvariant } from './outcomes.js';

/** A scenario without its types, as the harness handles it. */
export type AnyScenario = ScenarioDefinition<Record<string, unknown>, unknown>;

/** The invariants of a scenario as a list, however they are declared. */
function listed(invariants: NonNullable<AnyScenario['invariants']>): readonly Invariant<unknown>[] {
  if (isList(invariants)) return invariants;
  return Object.entries(invariants).map(([name, given]) =>
    typeof given === 'function' ? invariant(name, given) : { name, begin: () => given.begin() },
  );
}

const isList = Array.isArray as (value: unknown) => value is readonly Invariant<unknown>[];

/** Everything that must be true in every execution: the invariants, and that no outcome is forbidden. */
export function invariantsOf({ invariants = [], outcomes }: AnyScenario): readonly Invariant<unknown>[] {
  const declared = listed(invariants);
  return outcomes === undefined ? declared : [...declared, outcomesInvariant(outcomes)];
}
