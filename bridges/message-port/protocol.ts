import type { PlainError } from './errors.js';

/** What a `PortWriter` posts. */
export type FromWriter =
  /** Asks whether the reader is there. Earlier messages of the reader may have been lost. */
  | { readonly kind: 'hello' }
  | { readonly kind: 'value'; readonly id: number; readonly value: unknown }
  /** The answer is no longer wanted. */
  | { readonly kind: 'withdraw'; readonly id: number }
  /** Nothing comes after this. */
  | { readonly kind: 'end' };

/** What a `PortReader` posts. */
export type FromReader =
  /** The reader is here, and takes that many values before the first of them has been answered. */
  | { readonly kind: 'open'; readonly window: number }
  | { readonly kind: 'answer'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'failed'; readonly id: number; readonly error: PlainError }
  /** Everything up to the writer's `end` has been answered. */
  | { readonly kind: 'ended' }
  /** Values that were not answered before this will never be handled. */
  | { readonly kind: 'closed'; readonly error: PlainError };
