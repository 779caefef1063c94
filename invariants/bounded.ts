import type { HistoryEvent, Invariant, InvariantChecker, Moment, Violation } from '../harness/authoring.js';
import { nameOf } from './participants.js';
import { inWords } from './values.js';

/** Where `bounded` finds a depth, and how deep it may get. At least one of `depth` and `read` is required. */
export interface BoundedOptions<Store> {
  /**
   * How much is queued now. It is called at every event of the history, on the agent that records it, and once at the end. Let
   * it read only shared memory, since a worker has its own copy of everything else. By default the store is not checked.
   */
  readonly depth?: (store: Store) => number;
  /** The depth in a value passed to `history.read`; `undefined` if it has none. By default reads are not judged. */
  read?(value: unknown): number | undefined;
  /** The greatest depth allowed. */
  readonly limit: number | ((store: Store) => number);
}

/**
 * A depth, such as that of a queue, never exceeds its limit.
 *
 * The depth is checked when an event is recorded in the history, so a writer that acknowledges right after it has added
 * something shows the result. What comes and goes between two events is not seen.
 *
 * @example
 * bounded({ depth: (store: Int32Array) => store[1]! - store[0]!, limit: 4 })
 * @example
 * bounded({ read: (stats: { queued: number }) => stats.queued, limit: 4 })
 */
export function bounded<Store>(options: BoundedOptions<Store>): Invariant<Store> {
  return { name: 'bounded', begin: () => new BoundedChecker(options) };
}

class BoundedChecker<Store> implements InvariantChecker<Store> {
  readonly #options: BoundedOptions<Store>;

  constructor(options: BoundedOptions<Store>) {
    this.#options = options;
  }

  observe(event: HistoryEvent, { store }: Moment<Store>): Violation | undefined {
    return this.#judgeRead(event, store) ?? this.#judgeStore(store, () => `when ${inWordsOf(event)}`);
  }

  /** Events of other agents are judged there: the store has changed since. */
  learn(): void {
    return undefined;
  }

  /** The store's content is unknown, but what was read is known. */
  review(event: HistoryEvent): Violation | undefined {
    // A limit that depends on the store is checked at the end.
    return typeof this.#options.limit === 'number' ? this.#judgeRead(event, undefined) : undefined;
  }

  #judgeRead(event: HistoryEvent, store: Store | undefined): Violation | undefined {
    const depth = event.kind === 'read' ? this.#options.read?.(event.value) : undefined;
    return depth === undefined ? undefined : this.#judge(store, depth, `seen by ${nameOf(event.participant)}`);
  }

  finish({ store }: Moment<Store>): Violation | undefined {
    if (this.#options.depth !== undefined || this.#options.read !== undefined) {
      return this.#judgeStore(store, () => 'at the end');
    }
    return {
      expected: 'bounded({ depth }) or bounded({ read }) to say where the depth is found',
      found: 'neither option',
    };
  }

  #judgeStore(store: Store, when: () => string): Violation | undefined {
    const { depth } = this.#options;
    return depth === undefined ? undefined : this.#judge(store, depth(store), when);
  }

  #judge(store: Store | undefined, depth: unknown, when: string | (() => string)): Violation | undefined {
    const limit = typeof this.#options.limit === 'function' ? this.#options.limit(store as Store) : this.#options.limit;
    if (typeof depth === 'number' && depth <= limit) return undefined;
    const noNumber = typeof depth === 'number' && !Number.isNaN(depth) ? '' : ', which is not a number';
    return {
      expected: `a depth of at most ${limit}`,
      found: `${inWords(depth)}${noNumber}, ${typeof when === 'string' ? when : when()}`,
    };
  }
}

function inWordsOf(event: HistoryEvent): string {
  const who = nameOf(event.participant);
  if (event.kind === 'read') return `${who} had read ${inWords(event.value)}`;
  if (event.kind === 'writeBegan') return `${who} began to write ${inWords(event.value)}`;
  return `${who}'s write of ${inWords(event.value)} was acknowledged`;
}
