import type { PlainError } from './errors.js';

/** What a `PortWriter` posts. */
export type FromWriter =
  /** Is somebody there? What the reader said before may have been lost. */
  | { readonly kind: 'hello' }
  | { readonly kind: 'value'; readonly id: number; readonly value: unknown }
  /** Nobody waits for the answer any more. */
  | { readonly kind: 'withdraw'; readonly id: number }
  /** Nothing comes after this. */
  | { readonly kind: 'end' };

/** What a `PortReader` posts. */
export type FromReader =
  /** Somebody is here, and takes so many values before the first of them has been answered. */
  | { readonly kind: 'open'; readonly window: number }
  | { readonly kind: 'answer'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'failed'; readonly id: number; readonly error: PlainError }
  /** Everything up to the writer's `end` has been answered. */
  | { readonly kind: 'ended' }
  /** What has not been answered before this never will be handled. */
  | { readonly kind: 'closed'; readonly error: PlainError };
