import type { Violation } from '../../harness/authoring.js';
import { inWords, numbered } from '../values.js';
import { difference, range, type CountingJudge } from './judge.js';

/** Counts how many writes there are, without distinguishing them. */
export class QuantityJudge<Store> implements CountingJudge<Store> {
  readonly #of: (store: Store) => unknown;
  readonly #initial: number | bigint;
  #begun = 0;
  #acknowledged = 0;

  constructor(of: (store: Store) => unknown, initial: number | bigint) {
    this.#of = of;
    this.#initial = initial;
  }

  began(): void {
    this.#begun++;
  }

  acknowledged(): void {
    this.#acknowledged++;
  }

  read(who: string, value: unknown): Violation | undefined {
    if (typeof value !== 'number' && typeof value !== 'bigint') return undefined;
    const most = this.#after(this.#begun);
    if (value >= this.#initial && value <= most) return undefined;
    return {
      expected: `${who} to see a count ${range(this.#initial, most)}: ${numbered(this.#begun, 'write')} had begun`,
      found: value.toString(),
    };
  }

  finish(store: Store): Violation | undefined {
    const found = this.#of(store);
    const least = this.#after(this.#acknowledged);
    const most = this.#after(this.#begun);
    if ((typeof found !== 'number' && typeof found !== 'bigint') || Number.isNaN(found)) {
      return { expected: `a final count ${range(least, most)}`, found: `${inWords(found)}, which is not a number` };
    }
    if (found >= least && found <= most) return undefined;
    return {
      expected: `a final count ${range(least, most)}: ${this.#story()}`,
      found: `${found.toString()}${difference(found, least, most)}`,
    };
  }

  #story(): string {
    const initially = Number(this.#initial) === 0 ? '' : `it began at ${this.#initial.toString()}, and `;
    const verb = this.#acknowledged === 1 ? 'was' : 'were';
    const pending = this.#begun - this.#acknowledged;
    const further = pending === 0 ? '' : `, ${pending} more had begun`;
    return `${initially}${numbered(this.#acknowledged, 'write')} ${verb} acknowledged${further}`;
  }

  /** The count after that many writes, in the kind of number that the store counts in. */
  #after(writes: number): number | bigint {
    return typeof this.#initial === 'bigint' ? this.#initial + BigInt(writes) : this.#initial + writes;
  }
}
