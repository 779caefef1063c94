import type { BridgeState } from 'threadmill/bridges/records';

/** The numbers of the article's hostile test. */
export const workload = {
  writers: 8,
  keys: 5_000,
  readers: 100,
  /** Of each reader; between two of them it lets the event loop turn. */
  reads: 3,
  payloadWords: 4,
  queueCapacity: 1_000,
} as const;

/** What one writer thread is started with. */
export interface WriterTask {
  readonly bridge: string;
  readonly variant: string;
  readonly state: BridgeState;
  readonly index: number;
  /** Counts the writers that are ready; all begin when the last one is. */
  readonly barrier: Int32Array<SharedArrayBuffer>;
}

/** What is written under a key: nothing that another key's payload could be taken for. */
export function payloadOf(key: number): number[] {
  return Array.from({ length: workload.payloadWords }, (_, word) => Math.imul(key + 1, 2 * word + 1));
}
