import { z } from 'zod';

/**
 * What an execution could have done otherwise that was not explored: how often loops look that only look, timers that were still set when
 * nothing else was left to do, and when broadcast channels are opened.
 */
export const uncoveredKinds = ['loops', 'timers', 'channels'] as const;
export type Uncovered = (typeof uncoveredKinds)[number];

/** How far an exploration of every interleaving of a scenario came. */
export const exhaustiveCountsSchema = z.strictObject({
  /** Executions that were performed to their end. */
  executions: z.int().min(0),
  /** The different interleavings that were seen. */
  interleavings: z.int().min(0),
  /** Whether these are all. */
  isComplete: z.boolean(),
  /** The part that was explored, by estimate, from 0 to 1. */
  fractionDone: z.number().min(0).max(1),
  /** Executions that were broken off since they could only repeat others. */
  redundant: z.int().min(0),
  /** Executions that did not go as they were meant to: what would have followed was not explored. */
  lost: z.int().min(0),
  /** How many combinations of writers, readers and parameters were explored. */
  combinations: z.int().min(1),
  /** How often an agent that could go on was kept from it at most; null without a bound. */
  preemptions: z.int().min(0).nullable(),
  /** What was not explored. Without `loops`, which are cut short, it is not complete. */
  uncovered: z.array(z.enum(uncoveredKinds)),
  /** The shards that all of this is of, as `options.shard` names them; absent if it is of all. */
  shard: z
    .string()
    .regex(/^\d+(?:,\d+)*\/\d+$/)
    .optional(),
});
export type ExhaustiveCounts = z.infer<typeof exhaustiveCountsSchema>;
