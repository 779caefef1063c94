import { z } from 'zod';
import { maximumReaders, maximumWriters } from './limits.js';
import type { AnyScenario } from './any-scenario.js';
import { outcomeGrades, outcomesInvariantName } from './outcomes.js';
import { verdicts } from './verdict.js';

const isArbitrary = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  ['generate', 'shrink', 'canShrinkWithoutContext'].every((method) => typeof Reflect.get(value, method) === 'function');

const expectedCount = (maximum: number): string =>
  `an integer from 1 to ${maximum.toLocaleString('en')}, or a fast-check arbitrary of such integers`;

const countSchema = (maximum: number): z.ZodType =>
  z.custom(
    (value) =>
      isArbitrary(value) || (Number.isInteger(value) && (value as number) >= 1 && (value as number) <= maximum),
    { error: expectedCount(maximum) },
  );

const functionSchema = (signature: string): z.ZodType =>
  z.custom((value) => typeof value === 'function', { error: `a function ${signature}` });

const positiveInteger = z.custom<number>((value) => Number.isInteger(value) && (value as number) > 0, {
  error: 'a whole number above 0',
});

const text = (what: string): z.ZodType<string> =>
  z.custom<string>((value) => typeof value === 'string' && value.trim().length > 0, { error: what });

const invariantSchema = z.looseObject(
  { name: text('a name: a string that is not empty'), begin: functionSchema('begin() that returns a checker') },
  { error: 'an invariant, as count(), checksum(), monotonicVersion() or invariant(name, check) make them' },
);

const grade = z.enum(outcomeGrades, { error: `a grade: ${outcomeGrades.join(', ')}` });

const failureVerdicts = verdicts.filter((verdict) => verdict !== 'held');

const scenarioSchema = z.strictObject(
  {
    name: text('a name: a string that is not empty'),
    params: z.record(z.string(), z.unknown(), { error: 'an object of values and fast-check arbitraries' }).optional(),
    store: functionSchema('store({ params }) that makes the store'),
    writers: z.strictObject(
      { count: countSchema(maximumWriters), run: functionSchema('run({ store, params, history, ... })') },
      { error: 'an object { count, run }' },
    ),
    readers: z
      .strictObject(
        { count: countSchema(maximumReaders), run: functionSchema('run({ store, params, history, ... })') },
        { error: 'an object { count, run }' },
      )
      .optional(),
    invariants: z.array(invariantSchema, { error: 'an array of invariants' }).optional(),
    expect: z
      .union(
        [
          z.enum(verdicts),
          z.strictObject({ verdict: z.enum(failureVerdicts), invariant: z.string().min(1).optional() }),
        ],
        { error: `one of ${verdicts.join(', ')}, or { verdict, invariant }` },
      )
      .optional(),
    outcomes: z
      .strictObject(
        {
          of: functionSchema('of({ store, history }) that names the outcome'),
          grades: z.record(z.string(), grade, { error: 'an object with a grade for each outcome' }),
          otherwise: grade.optional(),
        },
        { error: 'an object with of and grades' },
      )
      .optional(),
    stress: functionSchema('stress({ writers, iterations, readers }) that gives sizes').optional(),
    limits: z
      .strictObject(
        {
          steps: positiveInteger.optional(),
          stepsWithoutProgress: positiveInteger.optional(),
          waitsWithoutProgress: positiveInteger.optional(),
          hangTimeoutMs: positiveInteger.optional(),
          historyEvents: positiveInteger.optional(),
          queuedMessages: positiveInteger.optional(),
          traceLength: positiveInteger.optional(),
          workerHeapMiB: positiveInteger.optional(),
          shrinkMs: positiveInteger.optional(),
          shrinkExecutions: positiveInteger.optional(),
          stressTimeoutMs: positiveInteger.optional(),
        },
        { error: 'an object of limits' },
      )
      .optional(),
    freshPackages: z.array(text('the name of a package'), { error: 'an array of package names' }).optional(),
  },
  { error: 'a scenario: export default scenario({ ... })' },
);

/** Prints what was found in a field, short enough for one line. */
function describe(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'function') return 'a function';
  if (typeof value === 'string') return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}...` : value);
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'an array' : 'an object';
  return `${value as number}`;
}

/** Why something was thrown, on one line. */
function reason(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replaceAll(/\s+/g, ' ');
}

function valueAt(root: unknown, path: readonly PropertyKey[]): unknown {
  let value = root;
  for (const key of path) value = typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
  return value;
}

/** Raised for a scenario file whose default export is not a scenario. */
export class InvalidScenario extends Error {
  override readonly name = 'InvalidScenario';
}

/**
 * Checks a scenario file's default export.
 *
 * @param exported the value the file exports by default
 * @param file what to call the file in the error
 * @throws InvalidScenario naming the file, the field, what was found and what was expected; the first problem only
 */
export function validateScenario(exported: unknown, file: string): AnyScenario {
  const parsed = scenarioSchema.safeParse(exported);
  if (parsed.success) {
    const scenario = exported as AnyScenario;
    validateExpectation(scenario, file);
    return scenario;
  }
  const issue = parsed.error.issues[0];
  if (issue === undefined) throw new InvalidScenario(`${file}: not a scenario`);
  if (issue.code === 'unrecognized_keys') {
    const field = [...issue.path, issue.keys[0] ?? ''].map(String).join('.');
    throw new InvalidScenario(
      `${file}: ${field}: found a field that scenarios do not have, expected one of ${knownFields(issue.path).join(', ')}`,
    );
  }
  const field = issue.path.length === 0 ? 'default export' : issue.path.map(String).join('.');
  throw new InvalidScenario(
    `${file}: ${field}: found ${describe(valueAt(exported, issue.path))}, expected ${issue.message}`,
  );
}

/** An expectation of an invariant that the scenario does not have could never be met. */
function validateExpectation({ expect, invariants = [], outcomes }: AnyScenario, file: string): void {
  const expected = typeof expect === 'object' ? expect.invariant : undefined;
  const names = invariants.map((invariant) => invariant.name);
  if (outcomes !== undefined) names.push(outcomesInvariantName);
  if (expected === undefined || names.includes(expected)) return;
  throw new InvalidScenario(
    `${file}: expect.invariant: found ${describe(expected)}, expected ${names.length === 0 ? 'none: the scenario has no invariants' : `one of ${names.join(', ')}`}`,
  );
}

function knownFields(path: readonly PropertyKey[]): string[] {
  if (path[0] === 'limits') return Object.keys(scenarioSchema.shape.limits.unwrap().shape);
  if (path[0] === 'expect') return ['verdict', 'invariant'];
  if (path[0] === 'outcomes') return ['of', 'grades', 'otherwise'];
  if (path.length > 0) return ['count', 'run'];
  return Object.keys(scenarioSchema.shape);
}

/**
 * Checks a store made by the scenario's factory.
 *
 * @throws InvalidScenario if it cannot be structured-cloned to the workers
 */
export function validateStore(makeStore: () => unknown, file: string): void {
  let store: unknown;
  try {
    store = makeStore();
  } catch (error) {
    throw new InvalidScenario(
      `${file}: store: found a factory that throws (${reason(error)}), expected one that returns the store`,
    );
  }
  if (store instanceof Promise) {
    throw new InvalidScenario(
      `${file}: store: found a promise, expected the store itself: the factory must not be async`,
    );
  }
  try {
    structuredClone(store);
  } catch (error) {
    throw new InvalidScenario(
      `${file}: store: found something that cannot be structured-cloned to the workers (${reason(error)}), expected SharedArrayBuffers, typed arrays over them, and plain data`,
    );
  }
}

/**
 * Checks drawn parameters.
 *
 * @throws InvalidScenario if one cannot be structured-cloned to the workers
 */
export function validateParams(params: Readonly<Record<string, unknown>>, file: string): void {
  for (const [name, value] of Object.entries(params)) {
    try {
      structuredClone(value);
    } catch (error) {
      throw new InvalidScenario(
        `${file}: params.${name}: found ${describe(value)} that cannot be structured-cloned to the workers (${reason(error)}), expected plain data, or an arbitrary that draws it`,
      );
    }
  }
}

/** Checks a drawn count of writers or readers. */
export function validateCount(field: 'writers' | 'readers', count: unknown, file: string): void {
  const maximum = field === 'writers' ? maximumWriters : maximumReaders;
  if (Number.isInteger(count) && (count as number) >= 1 && (count as number) <= maximum) return;
  throw new InvalidScenario(
    `${file}: ${field}.count: found an arbitrary that drew ${describe(count)}, expected ${expectedCount(maximum)}`,
  );
}

export { isArbitrary };
