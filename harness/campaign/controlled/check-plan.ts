import fc, { type Arbitrary } from 'fast-check';
import type { AnyScenario } from '../../scenario/any-scenario.js';
import { maximumReaders, maximumWriters } from '../../scenario/limits.js';
import { isArbitrary } from '../../scenario/validate-draws.js';
import type { Plan } from '../../schedule/schedule.js';

/** Number of draws examined before a parameter counts as one of a kind that the scenario never draws. */
const kindSamples = 1_000;

/**
 * Why a scenario could never be given a plan, as the rest of a sentence that begins with where the plan was saved;
 * undefined if it could. The result of executing such a plan would say nothing about the scenario.
 *
 * Counts must be those of the scenario, or within the bounds of what is drawn; parameters must have the scenario's names
 * and be of a kind (number, list, object ...) that it has. Ranges are not checked, because an arbitrary does not reveal them.
 */
export function planProblem(plan: Plan, scenario: AnyScenario): string | undefined {
  const found =
    countProblem('writers', plan.writers, scenario.writers?.count ?? 0, maximumWriters) ??
    countProblem('readers', plan.readers, scenario.readers?.count ?? 0, maximumReaders) ??
    paramsProblem(plan.params, scenario.params ?? {});
  return found === undefined
    ? undefined
    : `no longer fits its scenario: ${found}. Run the scenario to find the failure again, then delete this file.`;
}

function countProblem(field: string, saved: number, declared: unknown, maximum: number): string | undefined {
  if (isArbitrary(declared)) {
    if (Number.isInteger(saved) && saved >= 1 && saved <= maximum) return undefined;
    return `it has ${saved} ${field}, but the scenario draws 1 to ${maximum.toLocaleString('en-US')}`;
  }
  return saved === declared ? undefined : `it has ${String(saved)} ${field}, but the scenario has ${String(declared)}`;
}

function paramsProblem(
  saved: Readonly<Record<string, unknown>>,
  declared: Readonly<Record<string, unknown>>,
): string | undefined {
  const isNot = (names: readonly string[], among: object): string | undefined =>
    names.find((name) => !Object.hasOwn(among, name));
  const unknown = isNot(Object.keys(saved), declared);
  if (unknown !== undefined) return `it has a parameter ${quoted(unknown)}, which the scenario does not have`;
  const missing = isNot(Object.keys(declared), saved);
  if (missing !== undefined) return `it lacks the parameter ${quoted(missing)}`;
  for (const [name, value] of Object.entries(saved)) {
    const kinds = kindsOf(declared[name], kindOf(value));
    if (kinds === undefined) continue;
    return `its parameter ${quoted(name)} is ${kindOf(value)}, but in the scenario it is ${[...kinds].join(' or ')}`;
  }
  return undefined;
}

/** The kinds that a parameter can have; undefined if the wanted one is among them. */
function kindsOf(declared: unknown, wanted: string): ReadonlySet<string> | undefined {
  // Agents get a structured clone, and that is what was saved.
  if (!isArbitrary(declared)) {
    const kind = kindOf(structuredClone(declared));
    return kind === wanted ? undefined : new Set([kind]);
  }
  const kinds = new Set<string>();
  // Most are seen at the first draw. A fixed seed: whether a file is used must not depend on luck.
  for (const numRuns of [1, kindSamples]) {
    for (const drawn of fc.sample(declared as Arbitrary<unknown>, { numRuns, seed: 0 })) {
      kinds.add(kindOf(structuredClone(drawn)));
    }
    if (kinds.has(wanted)) return undefined;
  }
  return kinds;
}

/** What kind of value it is, with its article. */
function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (Array.isArray(value)) return 'a list';
  if (typeof value !== 'object') return `a ${typeof value}`;
  const tag = Object.prototype.toString.call(value).slice('[object '.length, -1);
  return tag === 'Object' ? 'an object' : `a ${tag}`;
}

const quoted = (name: string): string => JSON.stringify(name.length > 60 ? `${name.slice(0, 60)}…` : name);
