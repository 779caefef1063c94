import type { Failure, Operation } from '../results/schema.js';
import type { Verdict } from '../scenario/verdict.js';

/** Stands for the trace of an execution whose last operation is not the same each time. */
export const noTraceHash = '0'.repeat(16);

/** What one execution came to. Survives JSON. */
export interface ExecutionResult {
  readonly verdict: Verdict;
  /** Null when it held. */
  readonly failure: Failure | null;
  /** Visible operations performed. */
  readonly steps: number;
  readonly switches: number;
  /** Preemptions that took effect. */
  readonly preemptions: number;
  readonly traceHash: string;
  /** The last operations; empty unless they were asked for. */
  readonly trace: readonly Operation[];
  /** Whether what failed is that the same plan gave another trace before. */
  readonly hasTwoTraces?: true;
}
