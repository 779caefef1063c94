import type { Violation } from '../../harness/authoring.js';
import { inWords, keyOf, numbered } from '../values.js';
import { tallyAt, type CountingJudge, type Tally } from './judge.js';

interface ItemTally extends Tally {
  readonly value: unknown;
}

/** Counts each written value separately: the same value may be written, and then appear, several times. */
export class ItemsJudge<Store> implements CountingJudge<Store> {
  readonly #items: (store: Store) => Iterable<unknown>;
  readonly #tallies = new Map<string, ItemTally>();

  constructor(items: (store: Store) => Iterable<unknown>) {
    this.#items = items;
  }

  began(value: unknown): void {
    this.#tallyOf(value).begun++;
  }

  acknowledged(value: unknown): void {
    this.#tallyOf(value).acknowledged++;
  }

  read(who: string, value: unknown): Violation | undefined {
    if (!isIterable(value)) return undefined;
    return this.#judgeSurplus(value, `${who} to see`, `${who} saw`).violation;
  }

  finish(store: Store): Violation | undefined {
    const items: unknown = this.#items(store);
    if (!isIterable(items)) return { expected: 'items(store) to be iterable', found: inWords(items) };
    const { found, violation } = this.#judgeSurplus(items, 'the store to hold', 'the store holds');
    if (violation !== undefined) return violation;
    for (const [key, tally] of this.#tallies) {
      const times = found.get(key) ?? 0;
      if (times >= tally.acknowledged) continue;
      const often = tally.acknowledged === 1 ? '' : ` ${tally.acknowledged} times`;
      return {
        expected: `the store to hold ${inWords(tally.value)}${often}: its write was acknowledged`,
        found: times === 0 ? 'it was lost' : `it is there ${numbered(times, 'time')}`,
      };
    }
    return undefined;
  }

  #tallyOf(value: unknown): ItemTally {
    return tallyAt(this.#tallies, keyOf(value), () => ({ value, begun: 0, acknowledged: 0 }));
  }

  /** Counts the items, up to the first that was never written, or not that often. */
  #judgeSurplus(
    items: Iterable<unknown>,
    expectation: string,
    finding: string,
  ): { found: Map<string, number>; violation: Violation | undefined } {
    const found = new Map<string, number>();
    for (const item of items) {
      const key = keyOf(item);
      const times = (found.get(key) ?? 0) + 1;
      found.set(key, times);
      const begun = this.#tallies.get(key)?.begun ?? 0;
      if (times <= begun) continue;
      const violation =
        begun === 0
          ? {
              expected: `${expectation} only what was written`,
              found: `${finding} ${inWords(item)}, which was never written`,
            }
          : {
              expected: `${expectation} ${inWords(item)} no more often than it was written, ${numbered(begun, 'time')}`,
              found: `${finding} it ${numbered(times, 'time')}`,
            };
      return { found, violation };
    }
    return { found, violation: undefined };
  }
}

function isIterable(value: unknown): value is Iterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.iterator in value;
}
