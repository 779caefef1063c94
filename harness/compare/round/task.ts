import type { Batch } from './control.js';
import type { Workload } from '../workload.js';

/** What a process is to put through one bridge. */
export interface RoundTask {
  readonly bridge: string;
  readonly variant: string;
  readonly writers: number;
  readonly workload: Workload;
  /** As fast as the pace allows, for throughput. */
  readonly timed: {
    readonly batch: Batch;
    readonly warmups: number;
    readonly batches: number;
    readonly records: number;
  };
  /** At a steady pace, for latency; null: left out. */
  readonly steady: Batch | null;
  /** What each thread may use of the heap. */
  readonly heapMiB: number;
  /** How long nothing may change, once all writers have written, until the bridge counts as settled. */
  readonly quietMs: number;
}

/** How the queues stood at one moment. */
export interface DepthSample {
  /** Since the beginning of the batch. */
  readonly atMs: number;
  /** Writes that have returned and are not in the table. */
  readonly backlog: number;
  /** As the bridge itself says; null if it has none or does not know. */
  readonly threadQueue: number | null;
  readonly loopQueue: number | null;
}

export interface LoopDelay {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maximumMs: number;
}

/** What was measured while writers wrote as fast as they could: one message for a round. */
export interface TimedResult {
  /** By tinybench: of each batch, warm-up left out. */
  readonly millisecondsPerRecord: readonly number[];
  readonly records: number;
  readonly cpuSeconds: number;
  /** The peak of resident memory, less what was resident before the first write. */
  readonly memoryMiB: number;
  readonly loopDelay: LoopDelay;
  /** Of one batch. */
  readonly depths: readonly DepthSample[];
}

/** What was measured at a steady pace. */
export interface SteadyResult {
  readonly records: number;
  /** From the beginning of each write until a coroutine saw it, or one that took its place. */
  readonly latenciesUs: Float32Array;
  readonly loopDelay: LoopDelay;
}

/** What a process tells of its round, in this order. A process that is silent for too long is taken for hung. */
export type RoundMessage =
  | { readonly kind: 'batch'; readonly records: number }
  | { readonly kind: 'timed'; readonly result: TimedResult }
  | { readonly kind: 'steady'; readonly result: SteadyResult }
  | { readonly kind: 'phase'; readonly name: string }
  | { readonly kind: 'ended'; readonly violations: readonly string[]; readonly violationCount: number }
  | { readonly kind: 'crashed'; readonly message: string };
