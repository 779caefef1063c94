import { z } from 'zod';
import { maximumChangePoints, maximumWalkPlaces } from '../schedule/schedule.js';
import { maximumReaders, maximumWriters } from '../scenario/limits.js';
import { verdicts } from '../scenario/verdict.js';
import { failureSchema, failureVerdicts, verdictSchema } from './failure-schema.js';
import { exhaustiveCountsSchema } from './exhaustive-counts.js';
import { interleavingCountsSchema } from './interleaving-counts.js';
import { agentSchema, operationSchema } from './operation-schema.js';
import { runSchemaVersion, schemaVersion } from './schema-versions.js';
import { stressResultSchema } from './stress-schema.js';

export { failureSchema, runSchemaVersion, schemaVersion };

export const expectationSchema = z.union([
  verdictSchema,
  z.strictObject({ verdict: z.enum(failureVerdicts), invariant: z.string().min(1).optional() }),
]);

/** What a run can report about a scenario: what was found, or that it ended early and had found nothing by then. */
export const resultVerdictSchema = z.enum([...verdicts, 'interrupted']);
export type ResultVerdict = z.infer<typeof resultVerdictSchema>;

/** The range of the numbers in a schedule: steps, and choices, which are taken modulo the number of options. */
const scheduleWord = z.int32().min(0);

export const scheduleSchema = z.strictObject({
  order: z.array(agentSchema).max(65),
  preemptions: z.array(z.strictObject({ step: scheduleWord, to: agentSchema })).max(10_000),
  choices: z.array(scheduleWord).max(10_000),
  randomSeed: z.int(),
  patience: scheduleWord.optional(),
  slice: scheduleWord.optional(),
  walk: z
    .strictObject({
      seed: z.int32(),
      weights: z.array(scheduleWord).max(256),
      places: z.array(z.int32()).max(maximumWalkPlaces),
      gap: scheduleWord,
      priorities: z
        .strictObject({
          changes: z.array(scheduleWord).max(maximumChangePoints),
          uses: z.array(z.int32()).max(maximumWalkPlaces),
        })
        .optional(),
    })
    .optional(),
});

/** How often an agent that could go on may be kept from it; null without a bound. */
const boundSchema = z.strictObject({ preemptions: z.int().min(0).nullable() });

/** What can prevent a counterexample from being shrunk as far as possible. */
export const shrinkingEnds = ['timeLimit', 'executionLimit', 'processLimit', 'interrupted'] as const;
export type ShrinkingEnd = (typeof shrinkingEnds)[number];

export const counterexampleSchema = z.strictObject({
  schema: z.literal('threadmill/counterexample'),
  version: z.literal(schemaVersion),
  /** `test` is the name of a test within its file; absent for a scenario. */
  scenario: z.strictObject({ name: z.string(), file: z.string(), test: z.string().optional() }),
  failure: failureSchema,
  writers: z.int().min(0).max(maximumWriters),
  readers: z.int().min(0).max(maximumReaders),
  /** The drawn parameters: unchanged if JSON can hold them, otherwise `{ "$structuredClone": base64 }`. */
  params: z.record(z.string(), z.unknown()),
  schedule: scheduleSchema,
  /**
   * Why it is not fully shrunk: `limits.shrinkMs` or `limits.shrinkExecutions` was reached, shrinking ended too
   * many processes, or the run was interrupted. Absent if it is.
   */
  shrinkingEnded: z.enum(shrinkingEnds).optional(),
  /** False if the run was interrupted before a replay gave the same trace; otherwise absent. */
  confirmed: z.literal(false).optional(),
  /** How many preemptions took effect. */
  preemptions: z.int().min(0),
  /** Visible operations performed. */
  steps: z.int().min(0),
  traceHash: z.string().regex(/^[0-9a-f]{1,64}$/),
  seed: z.int(),
  path: z.string().regex(/^\d+(?::\d+)*$/),
  /** If it was found by exploring every interleaving, with this bound: then seed and path do not find it again. Otherwise absent. */
  exhaustive: boundSchema.optional(),
  /** Agents' names by number: `main agent`, `writer 0`, `writer 1` ... */
  agents: z.array(z.string()),
  /**
   * The operations of the trace, in order; only the first and the last if the trace is longer than `limits.traceLength`:
   * steps are missing where the next step's number is higher by more than one.
   */
  trace: z.array(operationSchema),
});

const counterexampleSummarySchema = counterexampleSchema
  .pick({
    params: true,
    writers: true,
    readers: true,
    shrinkingEnded: true,
    confirmed: true,
    preemptions: true,
    steps: true,
    traceHash: true,
    failure: true,
  })
  .extend({ /** Where the counterexample was saved, relative to the project. */ file: z.string().nullable() });

/** A test that was not explored. */
export const leftOutSchema = z.strictObject({
  name: z.string(),
  file: z.string(),
  /** `skipped`: its file, or a comment in it, says so. `unavailable`: it needs what cannot be had. */
  why: z.enum(['skipped', 'unavailable']),
});

export const scenarioResultSchema = z.strictObject({
  name: z.string(),
  file: z.string(),
  /** The name of a test within its file; absent for a scenario. */
  test: z.string().optional(),
  /** True if the schedule had nothing to decide: all executions were alike. Otherwise absent. */
  onlyOneInterleaving: z.literal(true).optional(),
  expected: expectationSchema,
  /** `held` only if everything requested was done. */
  verdict: resultVerdictSchema,
  invariant: z.string().nullable(),
  /** Whether what was found is what the scenario expects. */
  met: z.boolean(),
  executions: z.int().min(0),
  /** Of the executions of a scenario in which nothing failed. Absent under stress, of merged shards, and in older records. */
  interleavings: interleavingCountsSchema.optional(),
  /** If every interleaving was to be explored, how far that came. Otherwise absent. */
  exhaustive: exhaustiveCountsSchema.optional(),
  executionsPerSecond: z.number().min(0),
  /** Visible operations over all executions. */
  schedulingPoints: z.int().min(0),
  switches: z.int().min(0),
  durationMs: z.number().min(0),
  /** How many executions it took to find the failure, without shrinking; null if held. */
  executionsToFind: z.int().min(0).nullable(),
  path: z.string().nullable(),
  counterexample: counterexampleSummarySchema.nullable(),
  /** Things a reader should know: an explorer that was killed and replaced, an old counterexample that no longer fails. */
  notes: z.array(z.string()),
  /** What the stress engine saw; null under the controlled engine. `executions` and the like then refer to it. */
  stress: stressResultSchema.nullable(),
});

export const runRecordSchema = z.strictObject({
  schema: z.literal('threadmill/run'),
  version: z.literal(runSchemaVersion),
  threadmill: z.string(),
  node: z.string(),
  platform: z.string(),
  cpus: z.int(),
  seed: z.int(),
  startedAt: z.iso.datetime(),
  durationMs: z.number(),
  /** The options as given on the command line, defaults filled in. */
  options: z.strictObject({
    engine: z.enum(['controlled', 'stress']),
    files: z.array(z.string()),
    runs: z.int().nullable(),
    budgetMs: z.int().nullable(),
    /** Time for all scenarios together; absent if unbounded. */
    totalBudgetMs: z.int().optional(),
    strategy: z.string(),
    repeat: z.int(),
    shard: z.string().nullable(),
    path: z.string().nullable(),
    /** Whether every interleaving was to be explored, with at most so many preemptions. Otherwise absent. */
    exhaustive: boundSchema.optional(),
  }),
  /** A signal or an error ended the run early; `scenarios` has the results up to then. */
  interrupted: z.boolean(),
  /** Every scenario met its expectation. */
  met: z.boolean(),
  scenarios: z.array(scenarioResultSchema),
  /** Of `threadmill test`: the tests that were not explored. Otherwise absent. */
  leftOut: z.array(leftOutSchema).optional(),
});

export type { Failure } from './failure-schema.js';
export type { Operation, Site } from './operation-schema.js';
export type Counterexample = z.infer<typeof counterexampleSchema>;
export type ScenarioResult = z.infer<typeof scenarioResultSchema>;
export type LeftOutTest = z.infer<typeof leftOutSchema>;
export type RunRecord = z.infer<typeof runRecordSchema>;
