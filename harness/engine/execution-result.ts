import type { Failure, Operation } from '../results/schema.js';
import type { Verdict } from '../scenario/verdict.js';

/** The hash used for an execution whose last operation is not the same each time. */
export const noTraceHash = '0'.repeat(16);

/** The result of one execution. Survives JSON. */
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
  /** The last operations; empty unless they were requested. */
  readonly trace: readonly Operation[];
  /** The names of its agents, by number, if its program started workers. */
  readonly agents?: readonly string[];
  /** Whether the failure is that the same plan gave a different trace before. */
  readonly hasTwoTraces?: true;
}
