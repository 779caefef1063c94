import { z } from 'zod';
import { outcomeGrades } from '../scenario/outcomes.js';
import { failureSchema, verdictSchema } from './failure-schema.js';

/** One outcome of a scenario under stress: how often it occurred, and an execution that gave it. */
export const outcomeCountSchema = z.strictObject({
  /** As the scenario names it, or as it occurred if the scenario does not know it. */
  outcome: z.string(),
  grade: z.enum(outcomeGrades),
  count: z.int().min(0),
  /** The first execution with this outcome, counted over the repetition; null if there was none. */
  example: z.strictObject({ repetition: z.int(), execution: z.int() }).nullable(),
});

/** The slowest callbacks of the main agent's event loop. */
export const loopStallSchema = z.strictObject({
  durationMs: z.number(),
  /** Where the main agent stood, `file:line:column`; null if it was in no instrumented code. */
  site: z.string().nullable(),
  /** What it waited for, such as `Atomics.wait`; null if it was busy. */
  waitedFor: z.string().nullable(),
});

/** The depth of one queue over one repetition. */
export const gaugeSchema = z.strictObject({
  name: z.string(),
  maximum: z.number(),
  last: z.number(),
  /** Evenly spaced in time, at most `stressLimits.gaugeSamples` of them. */
  samples: z.array(z.number()),
  growsWithoutBound: z.boolean(),
});

/** What was observed while one repetition ran. */
export const watchingSchema = z.strictObject({
  /** Delay of the main agent's event loop. */
  loopDelayMs: z.strictObject({ p50: z.number(), p99: z.number(), maximum: z.number() }),
  stalls: z.array(loopStallSchema),
  gauges: z.array(gaugeSchema),
  /** Time that agents spent in `Atomics.wait`, in instrumented code: of the main agent, and of all workers together. */
  lockWaitMs: z.strictObject({
    main: z.number(),
    longestOnMain: z.number(),
    workers: z.number(),
    longestOnWorkers: z.number(),
  }),
  rejections: z.int(),
  warnings: z.array(z.string()),
  workerExits: z.int(),
  /** Errors that report an object used on the wrong agent. */
  wrongAgentUses: z.int(),
  heapMiB: z.number(),
  residentMiB: z.number(),
});

/** One repetition of one scenario. */
export const stressRepetitionSchema = z.strictObject({
  /** From 1. */
  repetition: z.int().min(1),
  seed: z.int(),
  executions: z.int().min(0),
  writers: z.int().min(0),
  readers: z.int().min(0),
  durationMs: z.number().min(0),
  /** Time from the start of writers and readers to their end, over all executions, without set-up and checking. */
  runningMs: z.number().min(0),
  /** Writes begun and reads seen. */
  operations: z.int().min(0),
  acknowledgements: z.int().min(0),
  verdict: verdictSchema,
  failure: failureSchema.nullable(),
  /** The execution that failed, from 1; null if all held. */
  failedExecution: z.int().nullable(),
  outcomes: z.array(outcomeCountSchema),
  watching: watchingSchema.nullable(),
});

/** The four signs of a healthy bridge. */
export const healthSignSchema = z.strictObject({
  sign: z.enum(['noStallByLockWaits', 'integrity', 'queuesRiseAndFall', 'noWrongAgentUse']),
  /** Null if it is not known. */
  healthy: z.boolean().nullable(),
  detail: z.string(),
});

/** What the stress engine found in one scenario. */
export const stressResultSchema = z.strictObject({
  profile: z.string(),
  /** 0 to 1. */
  amplify: z.number(),
  instrumented: z.boolean(),
  watched: z.boolean(),
  repetitions: z.array(stressRepetitionSchema),
  /** What broke first; null if every repetition held. */
  failure: failureSchema.nullable(),
  /** The repetition in which it broke, from 1. */
  failedRepetition: z.int().nullable(),
  outcomes: z.array(outcomeCountSchema),
  signs: z.array(healthSignSchema),
  /** By least squares over the repetitions; null with fewer than three. */
  memorySlopeMiBPerMinute: z.number().nullable(),
  /** What the controlled engine found about the failure; null if nothing failed or it did not look. */
  followUp: z
    .strictObject({ found: z.boolean(), executions: z.int().min(0), durationMs: z.number().min(0) })
    .nullable(),
});

/** The first line of `results/stress/*.jsonl`; each of the others is `stressLineSchema`. */
export const stressJournalHeadSchema = z.strictObject({
  schema: z.literal('threadmill/stress'),
  version: z.literal(1),
  threadmill: z.string(),
  node: z.string(),
  cpus: z.int(),
  seed: z.int(),
  startedAt: z.iso.datetime(),
  profile: z.string(),
  amplify: z.number(),
});

/** A finished repetition, as it is saved immediately. */
export const stressLineSchema = z.strictObject({
  scenario: z.strictObject({ name: z.string(), file: z.string() }),
  repetition: stressRepetitionSchema,
});

export type OutcomeCount = z.infer<typeof outcomeCountSchema>;
export type LoopStall = z.infer<typeof loopStallSchema>;
export type Gauge = z.infer<typeof gaugeSchema>;
export type Watching = z.infer<typeof watchingSchema>;
export type StressRepetition = z.infer<typeof stressRepetitionSchema>;
export type HealthSign = z.infer<typeof healthSignSchema>;
export type StressResult = z.infer<typeof stressResultSchema>;
export type StressJournalHead = z.infer<typeof stressJournalHeadSchema>;
export type StressLine = z.infer<typeof stressLineSchema>;
