import type { DualQueueMemory } from '../hardened-memory.js';

/** The task that a thread is started for. */
export type Task =
  /** Submits that many payloads, waiting for room, and posts `done`. */
  | { readonly kind: 'submit'; readonly producer: number; readonly payloads: number }
  /** Submits one payload, and then ends while it submits a second one. */
  | { readonly kind: 'exit in the midst' }
  /** The same, but ends when the payload has been copied and only the word that counts it is still to be changed. */
  | { readonly kind: 'exit before it counts' }
  /** Submits one payload, and then posts `stuck` while it submits a second one, and stays there. */
  | { readonly kind: 'stay in the midst' }
  /** Posts `ready`, submits payloads for as long as it can, and posts how many were taken and why it stopped. */
  | { readonly kind: 'submit until refused' }
  /** Submits arrays nested to that depth, and then `after`. */
  | { readonly kind: 'nest'; readonly depth: number };

export interface ProducerData {
  readonly memory: DualQueueMemory;
  readonly task: Task;
}
