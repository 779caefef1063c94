import type { BridgeState } from 'threadmill/bridges/records';

/** The numbers of the article's hostile test. */
export const workload = {
  writers: 8,
  keys: 5_000,
  readers: 100,
  /** Reads of each reader, with a turn of the event loop between two of them. */
  reads: 3,
  payloadWords: 4,
  queueCapacity: 1_000,
} as const;

/** The workerData of a writer thread. */
export interface WriterTask {
  readonly bridge: string;
  readonly variant: string;
  readonly state: BridgeState;
  readonly index: number;
  /** Counts the ready writers. All begin when the last one is ready. */
  readonly barrier: Int32Array<SharedArrayBuffer>;
}

/** The payload written under a key. It differs from the payload of every other key. */
export function payloadOf(key: number): number[] {
  return Array.from({ length: workload.payloadWords }, (_, word) => Math.imul(key + 1, 2 * word + 1));
}
