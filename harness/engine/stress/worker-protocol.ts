import type { MessagePort } from 'node:worker_threads';
import type { StressSetting } from './agent.js';
import type { HistoryPart } from './history-log.js';
import type { ThrownReport } from './thrown-report.js';

/** The data with which a writer's thread is started. */
export interface StressWorkerData {
  readonly words: Int32Array<SharedArrayBuffer>;
  /** From 1. */
  readonly agent: number;
  readonly setting: StressSetting;
}

/** One execution, as the main agent announces it. */
export interface StressTask {
  readonly execution: number;
  readonly seed: number;
  readonly store: unknown;
  readonly params: Readonly<Record<string, unknown>>;
  readonly writers: number;
  readonly readers: number;
  /** The real port behind `parentPort`; null if the program does not use one. */
  readonly port: MessagePort | null;
}

/** What a writer's thread reports when its part is done, or failed. */
export type StressReport =
  | {
      readonly kind: 'done';
      readonly execution: number;
      readonly history: HistoryPart;
      readonly operations: number;
      readonly acknowledgements: number;
      readonly waitedMs: number;
      readonly longestWaitMs: number;
    }
  /** The run has finished, but listeners of the port may have more to do. */
  | { readonly kind: 'settled'; readonly execution: number }
  | { readonly kind: 'idle'; readonly execution: number; readonly isExpecting: boolean; readonly activity: number }
  | { readonly kind: 'failed'; readonly execution: number; readonly thrown: ThrownReport }
  | { readonly kind: 'history'; readonly execution: number; readonly history: HistoryPart }
  | { readonly kind: 'collected' }
  | { readonly kind: 'warning'; readonly message: string };
