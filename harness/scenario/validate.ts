import { z } from 'zod';
import { maximumReaders, maximumWriters } from './limits.js';
import { invariantsOf, type AnyScenario } from './any-scenario.js';
import { assertionNames, type AssertionPlace } from './assertions.js';
import { outcomeGrades } from './outcomes.js';
import { describe, expectedCount, InvalidScenario, isArbitrary } from './validate-draws.js';
import { verdicts } from './verdict.js';

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
  { error: 'an invariant, such as count(), checksum(), monotonicVersion() or invariant(name, check) returns' },
);

const namedInvariantSchema = z.custom(
  (value) => typeof value === 'function' || typeof Reflect.get(Object(value) as object, 'begin') === 'function',
  { error: 'a check: a function of { store, event, final }, or an invariant' },
);

/** Each form reports which part of it is wrong, and how. */
const invariantsSchema = z.unknown().superRefine((value, context) => {
  const error = 'an array of invariants, or an object with a named check in each property';
  const form = Array.isArray(value) ? z.array(invariantSchema) : z.record(z.string(), namedInvariantSchema, { error });
  for (const { path, message } of form.safeParse(value).error?.issues ?? [])
    context.addIssue({ code: 'custom', path, message });
});

const grade = z.enum(outcomeGrades, { error: `a grade: ${outcomeGrades.join(', ')}` });

const failureVerdicts = verdicts.filter((verdict) => verdict !== 'held');

const scenarioSchema = z.strictObject(
  {
    name: text('a name: a string that is not empty').optional(),
    params: z.record(z.string(), z.unknown(), { error: 'an object of values and fast-check arbitraries' }).optional(),
    store: functionSchema('store({ params }) that returns the store').optional(),
    run: functionSchema('run({ store, params, history, ... })').optional(),
    writers: z
      .strictObject(
        { count: countSchema(maximumWriters), run: functionSchema('run({ store, params, history, ... })') },
        { error: 'an object { count, run }' },
      )
      .optional(),
    readers: z
      .strictObject(
        { count: countSchema(maximumReaders), run: functionSchema('run({ store, params, history, ... })') },
        { error: 'an object { count, run }' },
      )
      .optional(),
    after: functionSchema('after({ store, history, ... })').optional(),
    invariants: invariantsSchema.optional(),
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
          of: functionSchema('of({ store, history }) that returns the name of the outcome'),
          grades: z.record(z.string(), grade, { error: 'an object with a grade for each outcome' }),
          otherwise: grade.optional(),
        },
        { error: 'an object with of and grades' },
      )
      .optional(),
    stress: functionSchema('stress({ writers, iterations, readers }) that returns sizes').optional(),
    limits: z
      .strictObject(
        {
          steps: positiveInteger.optional(),
          stepsWithoutProgress: positiveInteger.optional(),
          waitsWithoutProgress: positiveInteger.optional(),
          hangTimeoutMs: positiveInteger.optional(),
          historyEvents: positiveInteger.optional(),
          queuedMessages: positiveInteger.optional(),
          stallMs: positiveInteger.optional(),
          traceLength: positiveInteger.optional(),
          workerHeapMiB: positiveInteger.optional(),
          shrinkMs: positiveInteger.optional(),
          shrinkExecutions: positiveInteger.optional(),
          memoryMiB: positiveInteger.optional(),
          stressTimeoutMs: positiveInteger.optional(),
        },
        { error: 'an object of limits' },
      )
      .optional(),
    external: z
      .array(text("the name of a package, or a file such as './src/file.js'"), { error: 'an array of names' })
      .optional(),
    freshPackages: z.array(text('the name of a package'), { error: 'an array of package names' }).optional(),
  },
  { error: 'a scenario: export default scenario({ ... })' },
);

function valueAt(root: unknown, path: readonly PropertyKey[]): unknown {
  let value = root;
  for (const key of path) value = typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
  return value;
}

/**
 * Checks a scenario file's default export.
 *
 * @param exported the value the file exports by default
 * @param file the file's name in the error
 * @throws InvalidScenario naming the file, the field, what was found and what was expected; the first problem only
 */
export function validateScenario(exported: unknown, file: string): AnyScenario {
  const parsed = scenarioSchema.safeParse(exported);
  if (parsed.success) {
    const scenario = exported as AnyScenario;
    validateExpectation(scenario, file);
    validateForm(scenario, file);
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

/** A scenario is a program, or it has writers, readers, or both. */
function validateForm({ run, writers, readers }: AnyScenario, file: string): void {
  const isWithRoles = writers !== undefined || readers !== undefined;
  if (run === undefined && !isWithRoles) {
    throw new InvalidScenario(
      `${file}: run: found nothing, expected run, a function, or else writers, readers, or both: an object { count, run }`,
    );
  }
  if (run !== undefined && isWithRoles) {
    const beside = writers === undefined ? 'readers' : 'writers';
    throw new InvalidScenario(
      `${file}: run: found beside ${beside}, expected it alone. Leave out ${beside}, or make run one of the readers.`,
    );
  }
}

/** The names of assertions that may fail in the scenario. */
function assertionsOf({ after, writers, readers, run }: AnyScenario): string[] {
  const places: Readonly<Record<Exclude<AssertionPlace, 'test'>, unknown>> = {
    after,
    writer: writers,
    reader: readers,
    program: run,
  };
  return Object.entries(places).flatMap(([place, declared]) =>
    declared === undefined ? [] : [assertionNames[place as AssertionPlace]],
  );
}

/** An expectation of an invariant that the scenario does not have could never be met. */
function validateExpectation(scenario: AnyScenario, file: string): void {
  const { expect } = scenario;
  const expected = typeof expect === 'object' ? expect.invariant : undefined;
  const names = [...invariantsOf(scenario).map(({ name }) => name), ...assertionsOf(scenario)];
  if (expected === undefined || names.includes(expected)) return;
  throw new InvalidScenario(
    `${file}: expect.invariant: found ${describe(expected)}, expected one of ${names.join(', ')}`,
  );
}

function knownFields(path: readonly PropertyKey[]): string[] {
  if (path[0] === 'limits') return Object.keys(scenarioSchema.shape.limits.unwrap().shape);
  if (path[0] === 'expect') return ['verdict', 'invariant'];
  if (path[0] === 'outcomes') return ['of', 'grades', 'otherwise'];
  if (path.length > 0) return ['count', 'run'];
  return Object.keys(scenarioSchema.shape);
}
