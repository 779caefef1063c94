import {
  isRecordTable,
  type HistoryEvent,
  type Invariant,
  type InvariantChecker,
  type Moment,
  type RecordTable,
  type Violation,
} from '../harness/authoring.js';
import { ItemsJudge } from './counting/items.js';
import type { CountingJudge } from './counting/judge.js';
import { QuantityJudge } from './counting/quantity.js';
import { RecordsJudge } from './counting/records.js';
import { inWords } from './values.js';

/** Where `count` finds the things to count. */
export interface CountOptions<Store> {
  /** How many writes the store holds, or the record table that holds them. Default: the store, if it is a record table. */
  readonly of?: (store: Store) => number | bigint | RecordTable | undefined;
  /** The items in the store, each equal to the value passed to `history.write` for it. */
  readonly items?: (store: Store) => Iterable<unknown>;
  /**
   * What a value passed to `history.read` says. Default: the value itself. A number says how many writes the reader saw, if
   * `of` gives a number; an array, or another iterable, says which items it saw, if `items` is given; a record or a snapshot of
   * a table counts if `of` gives a record table. Anything else, such as `undefined`, is not judged.
   */
  read?(value: unknown): unknown;
  /** How many writes the store holds before the first one. Default 0. */
  readonly initial?: number | bigint;
}

/**
 * No acknowledged write is lost, nothing appears that was not written, and nothing appears twice.
 *
 * Writers call `history.write(value)` before each write and `acknowledge()` after it. At the end, every acknowledged write must
 * be in the store, once, and nothing that never began. A write that began and was not acknowledged may be there or not. Readers
 * must not see more than has begun when they record what they saw. How much they must have seen is not judged: a read and its
 * record may be far apart.
 *
 * Without options it judges a record table whose writers record `history.write({ key, payload })`: each key has
 * one slot, whose version is the number of its writes; the table's version is the number of all writes, and its
 * count the number of records.
 *
 * @example
 * count({ of: (store: Int32Array) => store[0] })
 * @example
 * count({ items: (store: Int32Array) => store.filter((ticket) => ticket !== 0) })
 * @example
 * count({ of: (store: { table: RecordTable; lock: Int32Array }) => store.table })
 */
export function count(): Invariant<RecordTable>;
export function count<Store>(options: CountOptions<Store>): Invariant<Store>;
export function count<Store>(options: CountOptions<Store> = {}): Invariant<Store> {
  return { name: 'count', begin: () => new CountChecker(options) };
}

class CountChecker<Store> implements InvariantChecker<Store> {
  readonly #options: CountOptions<Store>;
  /** Chosen at the first event, when there is a store to look at. */
  #judges: readonly CountingJudge<Store>[] | undefined;

  constructor(options: CountOptions<Store>) {
    this.#options = options;
  }

  observe(event: HistoryEvent, { store }: Moment<Store>): Violation | undefined {
    const judges = (this.#judges ??= judgesFor(this.#options, store));
    if (event.kind === 'writeBegan') for (const judge of judges) judge.began(event.value);
    if (event.kind === 'writeAcknowledged') for (const judge of judges) judge.acknowledged(event.value);
    if (event.kind !== 'read') return undefined;
    const value = this.#options.read === undefined ? event.value : this.#options.read(event.value);
    return firstViolation(judges, (judge) => judge.read(`${event.participant.role} ${event.participant.index}`, value));
  }

  finish({ store }: Moment<Store>): Violation | undefined {
    const judges = (this.#judges ??= judgesFor(this.#options, store));
    if (judges.length > 0) return firstViolation(judges, (judge) => judge.finish(store));
    return {
      expected: 'a record table, or count({ of }) or count({ items }) to say what to count in the store',
      found: `${inWords(store)}, and neither option`,
    };
  }
}

function judgesFor<Store>({ of, items, initial = 0 }: CountOptions<Store>, store: Store): CountingJudge<Store>[] {
  const judges: CountingJudge<Store>[] = [];
  const subject: unknown = of === undefined ? store : of(store);
  if (isRecordTable(subject)) judges.push(new RecordsJudge(subject));
  else if (of !== undefined) judges.push(new QuantityJudge(of, initial));
  if (items !== undefined) judges.push(new ItemsJudge(items));
  return judges;
}

function firstViolation<Store>(
  judges: readonly CountingJudge<Store>[],
  ask: (judge: CountingJudge<Store>) => Violation | undefined,
): Violation | undefined {
  for (const judge of judges) {
    const violation = ask(judge);
    if (violation !== undefined) return violation;
  }
  return undefined;
}
