import { z } from 'zod';
import { verdicts } from '../scenario/verdict.js';
import { operationKinds } from '../operation-kinds.js';
import { agentSchema, memoryAddressSchema, operationSchema, siteSchema } from './operation-schema.js';

export const failureVerdicts = verdicts.filter((verdict) => verdict !== 'held');
export const verdictSchema = z.enum(verdicts);

/** One line of the difference between two printed values. */
export const differenceLineSchema = z.strictObject({
  /** Which value has the line; `omitted` stands for lines that are left out, and the text says how many. */
  side: z.enum(['both', 'expected', 'found', 'omitted']),
  text: z.string(),
});

export type DifferenceLine = z.infer<typeof differenceLineSchema>;

/** An agent that cannot continue, or had not finished when the execution was ended. */
export const blockedAgentSchema = z.strictObject({
  agent: agentSchema,
  /** `promise`: its coroutines await promises that nothing settles; `unfinished`: what it waits for is not known. */
  on: z.enum(['Atomics.wait', 'promise', 'unfinished']),
  /** The word of memory whose change it waits for, if known. */
  address: memoryAddressSchema.optional(),
  /** For the main agent: how many readers have not finished. */
  readers: z.int().min(1).optional(),
  /** For the main agent: present if it is the program that has not finished. */
  program: z.literal(true).optional(),
  /** What it did last. */
  lastOperation: z.enum(operationKinds).optional(),
  /** Where it did that. */
  site: siteSchema.optional(),
});

/** How an execution continued without progress. */
export const livelockSchema = z.strictObject({
  /** Which of `limits` was reached. */
  limit: z.enum(['steps', 'stepsWithoutProgress', 'waitsWithoutProgress']),
  /** Its value. */
  count: z.int().min(0),
  /** The operations that the end of the trace repeats, once; empty if it repeats none. */
  loop: z.array(operationSchema).max(1_000),
});

/** What failed. Reports turn it into sentences. */
export const failureSchema = z.strictObject({
  verdict: z.enum(failureVerdicts),
  /** The invariant that does not hold. */
  invariant: z.string().optional(),
  /** What the program threw or the engine reports; absent if the other fields say everything. */
  message: z.string().optional(),
  expected: z.string().optional(),
  found: z.string().optional(),
  /** Present if an assertion failed. `expected` and `found` are then the values that it compared, if any, on one line each. */
  assertion: z
    .strictObject({
      /** How they differ; empty if one line each is enough. */
      difference: z.array(differenceLineSchema).max(1_000),
    })
    .optional(),
  /** Absent if the failure appeared at the end of the execution, and is not that of a single agent. */
  agent: z.int().optional(),
  step: z.int().optional(),
  /** The stack of a crash or a failed assertion, mapped to the scenario's sources. */
  stack: z.string().optional(),
  /** Agents that could not continue, in order: for a deadlock, and for executions that were ended from outside. */
  blocked: z.array(blockedAgentSchema).optional(),
  /** For a livelock that a limit ended. */
  livelock: livelockSchema.optional(),
});

export type BlockedAgent = z.infer<typeof blockedAgentSchema>;
export type Livelock = z.infer<typeof livelockSchema>;
export type Failure = z.infer<typeof failureSchema>;
