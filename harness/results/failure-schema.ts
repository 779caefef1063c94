import { z } from 'zod';
import { verdicts } from '../scenario/verdict.js';

export const failureVerdicts = verdicts.filter((verdict) => verdict !== 'held');
export const verdictSchema = z.enum(verdicts);

/** One line of the difference between two values, as they are printed. */
export const differenceLineSchema = z.strictObject({
  /** Which value has the line; `omitted` stands for lines that are left out, and the text says how many. */
  side: z.enum(['both', 'expected', 'found', 'omitted']),
  text: z.string(),
});

export type DifferenceLine = z.infer<typeof differenceLineSchema>;

/** What failed, in words. */
export const failureSchema = z.strictObject({
  verdict: z.enum(failureVerdicts),
  invariant: z.string().optional(),
  /** One sentence; several lines for a deadlock (who waits for what) or a livelock (the repeating loop). */
  message: z.string(),
  expected: z.string().optional(),
  found: z.string().optional(),
  /** Present if an assertion failed: `expected` and `found` are then the values that it compared, if any, on one line each. */
  assertion: z
    .strictObject({
      /** How they differ; empty if one line each says it all. */
      difference: z.array(differenceLineSchema),
    })
    .optional(),
  agent: z.int().optional(),
  step: z.int().optional(),
  /** The stack of a crash or a failed assertion, mapped to the scenario's sources. */
  stack: z.string().optional(),
});

export type Failure = z.infer<typeof failureSchema>;
