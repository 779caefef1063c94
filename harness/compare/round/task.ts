import type { Batch } from './control.js';
import type { Workload } from '../workload.js';

/** The task of a process: one bridge and its workload. */
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
  /** The heap limit of each thread. */
  readonly heapMiB: number;
  /** After all writes, the time without a change after which the bridge counts as settled. */
  readonly quietMs: number;
}

/** The depths of the queues at one moment. */
export interface DepthSample {
  /** The time since the start of the batch. */
  readonly atMs: number;
  /** Writes that have returned and are not in the table. */
  readonly backlog: number;
  /** From the bridge itself; null if it has none or does not know. */
  readonly threadQueue: number | null;
  readonly loopQueue: number | null;
}

export interface LoopDelay {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maximumMs: number;
}

/** The measurements while writers wrote as fast as they could. One message per round. */
export interface TimedResult {
  /** From tinybench, for each batch except warm-ups. */
  readonly millisecondsPerRecord: readonly number[];
  readonly records: number;
  readonly cpuSeconds: number;
  /** The peak of resident memory, minus what was resident before the first write. */
  readonly memoryMiB: number;
  readonly loopDelay: LoopDelay;
  /** Of one batch. */
  readonly depths: readonly DepthSample[];
}

/** The measurements at the steady pace. */
export interface SteadyResult {
  readonly records: number;
  /** From the start of each write until a coroutine saw it, or a write that replaced it. */
  readonly latenciesUs: Float32Array;
  readonly loopDelay: LoopDelay;
}

/** The messages of a process about its round, in this order. A process that is silent for too long counts as hung. */
export type RoundMessage =
  | { readonly kind: 'batch'; readonly records: number }
  | { readonly kind: 'timed'; readonly result: TimedResult }
  | { readonly kind: 'steady'; readonly result: SteadyResult }
  | { readonly kind: 'phase'; readonly name: string }
  | { readonly kind: 'ended'; readonly violations: readonly string[]; readonly violationCount: number }
  | { readonly kind: 'crashed'; readonly message: string };
