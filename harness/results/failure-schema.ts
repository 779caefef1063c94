import { z } from 'zod';
import { verdicts } from '../scenario/verdict.js';

export const failureVerdicts = verdicts.filter((verdict) => verdict !== 'held');
export const verdictSchema = z.enum(verdicts);

/** What failed, in words. */
export const failureSchema = z.strictObject({
  verdict: z.enum(failureVerdicts),
  invariant: z.string().optional(),
  /** One sentence; several lines for a deadlock (who waits for what) or a livelock (the repeating loop). */
  message: z.string(),
  expected: z.string().optional(),
  found: z.string().optional(),
  agent: z.int().optional(),
  step: z.int().optional(),
  /** The stack of a crash, mapped to the scenario's sources. */
  stack: z.string().optional(),
});

export type Failure = z.infer<typeof failureSchema>;
