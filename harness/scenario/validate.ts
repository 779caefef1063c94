import * as z from 'zod/mini';
import { maximumReaders, maximumWriters } from './limits.js';
import { invariantsOf, type AnyScenario } from './any-scenario.js';
import { assertionNames, type AssertionPlace } from './assertions.js';
import { outcomeGrades } from './outcomes.js';
import { describe, expectedCount, InvalidScenario, isArbitrary } from './validate-draws.js';
import { verdicts } from './verdict.js';

const countSchema = (maximum: number): z.ZodMiniType =>
  z.custom(
    (value) =>
      isArbitrary(value) || (Number.isInteger(value) && (value as number) >= 1 && (value as number) <= maximum),
    // Formatting numbers takes long the first time.
    { error: () => expectedCount(maximum) },
  );

const functionSchema = (signature: string): z.ZodMiniType =>
  z.custom((value) => typeof value === 'function', { error: `a function ${signature}` });

const positiveInteger = z.custom<number>((value) => Number.isInteger(value) && value > 0, {
  error: 'a whole number above 0',
});

const text = (what: string): z.ZodMiniType<string> =>
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
const invariantsSchema = z.unknown().check(({ value, issues }) => {
  const error = 'an array of invariants, or an object with a named check in each property';
  const form = Array.isArray(value) ? z.array(invariantSchema) : z.record(z.string(), namedInvariantSchema, { error });
  for (const { path, message } of form.safeParse(value).error?.issues ?? [])
    issues.push({ code: 'custom', input: value, path, message });
});

const grade = z.enum(outcomeGrades, { error: `a grade: ${outcomeGrades.join(', ')}` });

const failureVerdicts = verdicts.filter((verdict) => verdict !== 'held');

const limitsSchema = z.strictObject(
  {
    steps: z.optional(positiveInteger),
    stepsWithoutProgress: z.optional(positiveInteger),
    waitsWithoutProgress: z.optional(positiveInteger),
    hangTimeoutMs: z.optional(positiveInteger),
    historyEvents: z.optional(positiveInteger),
    queuedMessages: z.optional(positiveInteger),
    stallMs: z.optional(positiveInteger),
    traceLength: z.optional(positiveInteger),
    workerHeapMiB: z.optional(positiveInteger),
    shrinkMs: z.optional(positiveInteger),
    shrinkExecutions: z.optional(positiveInteger),
    memoryMiB: z.optional(positiveInteger),
    stressTimeoutMs: z.optional(positiveInteger),
  },
  { error: 'an object of limits' },
);

const scenarioSchema = z.strictObject(
  {
    name: z.optional(text('a name: a string that is not empty')),
    params: z.optional(z.record(z.string(), z.unknown(), { error: 'an object of values and fast-check arbitraries' })),
    store: z.optional(functionSchema('store({ params }) that returns the store')),
    run: z.optional(functionSchema('run({ store, params, history, ... })')),
    writers: z.optional(
      z.strictObject(
        { count: countSchema(maximumWriters), run: functionSchema('run({ store, params, history, ... })') },
        { error: 'an object { count, run }' },
      ),
    ),
    readers: z.optional(
      z.strictObject(
        { count: countSchema(maximumReaders), run: functionSchema('run({ store, params, history, ... })') },
        { error: 'an object { count, run }' },
      ),
    ),
    after: z.optional(functionSchema('after({ store, history, ... })')),
    invariants: z.optional(invariantsSchema),
    expect: z.optional(
      z.union(
        [
          z.enum(verdicts),
          z.strictObject({ verdict: z.enum(failureVerdicts), invariant: z.optional(z.string().check(z.minLength(1))) }),
        ],
        { error: `one of ${verdicts.join(', ')}, or { verdict, invariant }` },
      ),
    ),
    outcomes: z.optional(
      z.strictObject(
        {
          of: functionSchema('of({ store, history }) that returns the name of the outcome'),
          grades: z.record(z.string(), grade, { error: 'an object with a grade for each outcome' }),
          otherwise: z.optional(grade),
        },
        { error: 'an object with of and grades' },
      ),
    ),
    stress: z.optional(functionSchema('stress({ writers, iterations, readers }) that returns sizes')),
    limits: z.optional(limitsSchema),
    external: z.optional(
      z.array(text("the name of a package, or a file such as './src/file.js'"), { error: 'an array of names' }),
    ),
    freshPackages: z.optional(z.array(text('the name of a package'), { error: 'an array of package names' })),
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
  if (path[0] === 'limits') return Object.keys(limitsSchema.shape);
  if (path[0] === 'expect') return ['verdict', 'invariant'];
  if (path[0] === 'outcomes') return ['of', 'grades', 'otherwise'];
  if (path.length > 0) return ['count', 'run'];
  return Object.keys(scenarioSchema.shape);
}
