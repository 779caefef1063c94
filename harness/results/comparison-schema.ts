import { z } from 'zod';
import { verdictSchema } from './failure-schema.js';

/** Raised when the shape of comparisons changes. */
export const comparisonSchemaVersion = 1;

/** The median of some measurements, one from each round, and how far they spread. */
export const spreadSchema = z.strictObject({
  median: z.number(),
  /** The quartiles. */
  lower: z.number(),
  upper: z.number(),
  minimum: z.number(),
  maximum: z.number(),
  /** In the order of the rounds. */
  samples: z.array(z.number()).max(1_000),
});

/** How a bridge ranks among those of its class. */
export const comparisonRankSchema = z.strictObject({
  rank: z.int().min(1),
  /** The other bridges of its class that it cannot be distinguished from. */
  tiedWith: z.array(z.string()),
});

/** What the controlled engine found. */
export const controlledVerdictSchema = z.strictObject({
  verdict: verdictSchema,
  invariant: z.string().nullable(),
  executions: z.int().min(0),
  /** Null if it held. */
  executionsToFind: z.int().nullable(),
  /** In words; null if it held. */
  message: z.string().nullable(),
});

/** The results of all rounds on threads that really ran in parallel. */
export const stressVerdictSchema = z.strictObject({
  verdict: z.enum(['held', 'violation', 'hang', 'crash']),
  /** Processes started for it. */
  rounds: z.int().min(0),
  /** Those in which something broke. */
  failedRounds: z.int().min(0),
  batches: z.int().min(0),
  records: z.int().min(0),
  /** The first failure, in words; null if all held. */
  message: z.string().nullable(),
});

const loopDelaySchema = z.strictObject({ p50: spreadSchema, p99: spreadSchema, maximum: spreadSchema });

/** The state of the queues at one moment of a batch. */
export const depthSampleSchema = z.strictObject({
  atMs: z.number(),
  /** Writes that had returned but were not in the table yet. */
  backlog: z.int(),
  /** What the bridge itself reports about its queues; null if it reports nothing. */
  threadQueue: z.int().nullable(),
  loopQueue: z.int().nullable(),
});

export const bridgeComparisonSchema = z.strictObject({
  /** Such as `dual-queue`, `dual-queue:published`: the name used on the command line. */
  id: z.string(),
  name: z.string(),
  variant: z.enum(['published', 'hardened']),
  promises: z.strictObject({
    delivery: z.string(),
    order: z.string(),
    freshness: z.string(),
    bounds: z.string(),
    whoMayBlock: z.string(),
    shutdown: z.string(),
  }),
  /**
   * `holds`: nothing broke. `flawed`: nothing broke here, but it is as an article printed it, with faults that are known from
   * elsewhere. `broke`: something broke. `unknown`: the run ended before anything was known.
   */
  standing: z.enum(['holds', 'flawed', 'broke', 'unknown']),
  /** Null if it was not explored. */
  controlled: controlledVerdictSchema.nullable(),
  stress: stressVerdictSchema,
  /** Records a second, with writers at full speed. */
  throughput: spreadSchema.nullable(),
  /** Microseconds from the beginning of a write until a coroutine saw it, at the steady pace. */
  latencyUs: z
    .strictObject({
      p50: spreadSchema,
      p99: spreadSchema,
      p999: spreadSchema,
      /** Over all rounds. */
      percentiles: z.array(z.strictObject({ percent: z.number(), us: z.number() })),
      writes: z.int(),
    })
    .nullable(),
  /** How late the event loop was, in milliseconds: with writers at full speed, and at the steady pace. */
  loopDelayMs: z.strictObject({ timed: loopDelaySchema.nullable(), steady: loopDelaySchema.nullable() }),
  /** Peak resident memory, minus what was resident before the first write. */
  memoryMiB: spreadSchema.nullable(),
  /** Processor time of all threads for a million records. */
  cpuSecondsPerMillion: spreadSchema.nullable(),
  /** Processor time of all measured batches together. */
  cpuSeconds: z.number(),
  /** Records a second by number of writers. */
  scaling: z.array(z.strictObject({ writers: z.int(), throughput: spreadSchema })),
  /** Over one batch. */
  queueDepth: z.array(depthSampleSchema).max(1_000),
  /** Among the bridges of the same standing; null if it broke or was not measured. */
  ranks: z.strictObject({
    throughput: comparisonRankSchema.nullable(),
    latencyP99: comparisonRankSchema.nullable(),
    loopDelayP99: comparisonRankSchema.nullable(),
    memory: comparisonRankSchema.nullable(),
    cpu: comparisonRankSchema.nullable(),
  }),
});

export const comparisonOptionsSchema = z.strictObject({
  bridges: z.array(z.string()),
  writers: z.int(),
  writerCounts: z.array(z.int()),
  readers: z.int(),
  readEveryMs: z.number(),
  payloadWords: z.int(),
  keys: z.int(),
  queueCapacity: z.int(),
  /** Records a second of each writer when timed; null: at full speed. */
  ratePerSecond: z.number().nullable(),
  burst: z.strictObject({ records: z.int(), pauseMs: z.number() }).nullable(),
  /** Records a second of each writer at the steady pace. */
  steadyRatePerSecond: z.number(),
  rounds: z.int(),
  scalingRounds: z.int(),
  warmups: z.int(),
  batches: z.int(),
  batchMs: z.number(),
  records: z.int(),
  steadyMs: z.number(),
  controlledMs: z.number(),
  /** No round is started that would not finish by then. */
  budgetMs: z.number(),
  hangTimeoutMs: z.number(),
  heapMiB: z.int(),
});

export const comparisonSchema = z.strictObject({
  schema: z.literal('threadmill/comparison'),
  version: z.literal(comparisonSchemaVersion),
  threadmill: z.string(),
  node: z.string(),
  platform: z.string(),
  cpus: z.int(),
  seed: z.int(),
  startedAt: z.iso.datetime(),
  durationMs: z.number(),
  options: comparisonOptionsSchema,
  /** When two bridges count as different; otherwise it is a tie. */
  tieRule: z.strictObject({
    test: z.literal('Mann-Whitney U, two-sided, exact'),
    significance: z.number(),
    smallestDifference: z.number(),
  }),
  /** A signal ended the comparison early; this has what was finished by then. */
  interrupted: z.boolean(),
  /** No hardened bridge broke. */
  met: z.boolean(),
  /** Those that hold first, the best first; those that broke last. */
  bridges: z.array(bridgeComparisonSchema),
  notes: z.array(z.string()),
});

export type Spread = z.infer<typeof spreadSchema>;
export type ComparisonRank = z.infer<typeof comparisonRankSchema>;
export type ControlledVerdict = z.infer<typeof controlledVerdictSchema>;
export type StressVerdict = z.infer<typeof stressVerdictSchema>;
export type BridgeComparison = z.infer<typeof bridgeComparisonSchema>;
export type BridgeStanding = BridgeComparison['standing'];
export type ComparisonOptions = z.infer<typeof comparisonOptionsSchema>;
export type Comparison = z.infer<typeof comparisonSchema>;
