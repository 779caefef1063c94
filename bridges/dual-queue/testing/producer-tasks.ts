import type { DualQueueMemory } from '../hardened-memory.js';

/** What a thread is started for. */
export type Task =
  /** Submits so many payloads, waiting for room, and says `done`. */
  | { readonly kind: 'submit'; readonly producer: number; readonly payloads: number }
  /** Submits one payload, and then ends in the midst of submitting a second one. */
  | { readonly kind: 'exit in the midst' }
  /** The same, when the payload has been copied and only the word that counts it is still to be changed. */
  | { readonly kind: 'exit before it counts' }
  /** Submits one payload, and then says `stuck` in the midst of submitting a second one and stays there. */
  | { readonly kind: 'stay in the midst' }
  /** Says `ready`, submits payloads for as long as it can, and says how many were taken and why it stopped. */
  | { readonly kind: 'submit until refused' }
  /** Submits arrays nested so deep, one in the other, and then `after`. */
  | { readonly kind: 'nest'; readonly depth: number };

export interface ProducerData {
  readonly memory: DualQueueMemory;
  readonly task: Task;
}
