import type { Invariant, Moment, Violation } from '../harness/authoring.js';
import { inWords } from './values.js';

/** What must be gone when all have finished. */
export interface QuiescentOptions<Store> {
  /**
   * What is still queued, locked or waiting at the end: the items, or how many there are. It is called on the main agent, with
   * that agent's store.
   */
  readonly left: (store: Store) => number | Iterable<unknown>;
}

/**
 * When all have finished, nothing is left behind: no item in a queue, no lock held, no waiter.
 *
 * @example
 * quiescent({ left: (store: Int32Array) => store[1]! - store[0]! })
 * @example
 * quiescent({ left: (store: { queued: Int32Array }) => store.queued.filter((item) => item !== 0) })
 */
export function quiescent<Store>({ left }: QuiescentOptions<Store>): Invariant<Store> {
  return { name: 'quiescent', begin: () => ({ finish: ({ store }: Moment<Store>) => judge(left(store)) }) };
}

function judge(left: unknown): Violation | undefined {
  const expected = 'nothing to be left at the end';
  if (typeof left === 'number' && !Number.isNaN(left)) {
    return left === 0 ? undefined : { expected, found: `${left} left` };
  }
  if (typeof left !== 'object' || left === null || !(Symbol.iterator in left)) {
    return { expected, found: `${inWords(left)}, which says neither what is left nor how much` };
  }
  const things = [...(left as Iterable<unknown>)];
  if (things.length === 0) return undefined;
  return { expected, found: `${things.length} left: ${things.map(inWords).join(', ')}` };
}
