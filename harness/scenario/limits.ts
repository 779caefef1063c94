/** Bounds on one execution. Each has a name, a default, and an error or verdict that reports it. */
export interface Limits {
  /** Visible operations in one execution before the verdict is `livelock`. Default 1,000,000. */
  readonly steps: number;
  /** Consecutive operations in which agents only re-read the same values before the verdict is `livelock`. Default 100,000. */
  readonly stepsWithoutProgress: number;
  /**
   * Consecutive waits (tasks of event loops, returns of Atomics.wait), of all agents together, in which no agent does anything
   * new, before the verdict is `livelock`. Default 10,000.
   */
  readonly waitsWithoutProgress: number;
  /** Real time without a scheduling point before the verdict is `hang`. Default 2,000. */
  readonly hangTimeoutMs: number;
  /** History events in one execution. Default 100,000. */
  readonly historyEvents: number;
  /** Undelivered messages in one execution. Default 100,000. */
  readonly queuedMessages: number;
  /**
   * Virtual time that may pass in one execution while agents or tasks could continue, as on a slow machine. Timeouts that are
   * further away fire only when nothing else can happen. Default 5,000.
   */
  readonly stallMs: number;
  /** Operations of the trace that a counterexample keeps for display, the first fifth and the last. Default 20,000. */
  readonly traceLength: number;
  /** Heap of one worker agent, in MiB. Default 512. */
  readonly workerHeapMiB: number;
  /**
   * Real time for shrinking one counterexample and replaying it; or the time of `--budget`, if that is shorter. The smallest
   * one found in that time is reported. Default 30,000.
   */
  readonly shrinkMs: number;
  /** Executions for shrinking one counterexample. The smallest one found is reported. Default 20,000. */
  readonly shrinkExecutions: number;
  /** Memory that all agents of one execution use together, array buffers included, in MiB. Default 1,024. */
  readonly memoryMiB: number;
  /** Real time of one execution of the stress engine without progress before it is abandoned. Default 10,000. */
  readonly stressTimeoutMs: number;
}

export const defaultLimits: Limits = {
  steps: 1_000_000,
  stepsWithoutProgress: 100_000,
  waitsWithoutProgress: 10_000,
  hangTimeoutMs: 2_000,
  historyEvents: 100_000,
  queuedMessages: 100_000,
  stallMs: 5_000,
  traceLength: 20_000,
  workerHeapMiB: 512,
  shrinkMs: 30_000,
  shrinkExecutions: 20_000,
  memoryMiB: 1_024,
  stressTimeoutMs: 10_000,
};

export const maximumWriters = 64;
/** Agents of one execution, workers that its program started included. */
export const maximumAgents = 256;
export const maximumReaders = 1_000;
