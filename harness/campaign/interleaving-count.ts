import type { InterleavingCounts } from '../results/interleaving-counts.js';

/** How many different interleavings are remembered: counting ends when there are more. */
export const maximumInterleavings = 1_000_000;

/** The most of the last executions that are looked at for new interleavings. */
const longestLast = 1_000;

/** Counts the different interleavings of a scenario's executions. */
export class InterleavingCount {
  readonly #times = new Map<number, number>();
  readonly #limit: number;
  /** The numbers of the executions that showed something new. */
  readonly #newAt: number[] = [];
  #executions = 0;
  #isFull = false;

  /** @param limit how many are remembered */
  constructor(limit = maximumInterleavings) {
    this.#limit = limit;
  }

  /** @param interleavings of executions, in the order in which they count, by what identifies each */
  add(interleavings: readonly number[]): void {
    for (const interleaving of interleavings) {
      const times = this.#times.get(interleaving);
      this.#isFull ||= times === undefined && this.#times.size >= this.#limit;
      if (this.#isFull) return;
      if (times === undefined) this.#newAt.push(this.#executions);
      this.#times.set(interleaving, (times ?? 0) + 1);
      this.#executions++;
    }
  }

  /** Whether there were more than it remembers. */
  get isFull(): boolean {
    return this.#isFull;
  }

  /** What identifies each of those that were seen. */
  get seen(): Iterable<number> {
    return this.#times.keys();
  }

  /** What is known so far; undefined before the first execution. */
  counts(): InterleavingCounts | undefined {
    const executions = this.#executions;
    if (executions === 0) return undefined;
    const lastExecutions = Math.min(longestLast, Math.floor(executions / 2));
    let once = 0;
    let twice = 0;
    for (const times of this.#times.values()) {
      if (times === 1) once++;
      if (times === 2) twice++;
    }
    return {
      executions,
      distinct: this.#times.size,
      lastExecutions,
      newInLast: this.#newAt.filter((execution) => execution >= executions - lastExecutions).length,
      chanceOfNew: chanceOfNew(once, executions),
      estimatedTotal: estimatedTotal(this.#times.size, once, twice),
    };
  }
}

/**
 * The chance that the next execution shows a new interleaving (Good, "The Population Frequencies of Species and the Estimation of
 * Population Parameters", Biometrika 1953, after Turing).
 *
 * @param once how many interleavings were seen exactly once
 */
function chanceOfNew(once: number, executions: number): number {
  return once / executions;
}

/**
 * How many interleavings there are at least, by estimate (Chao, "Nonparametric Estimation of the Number of Classes in a Population",
 * Scandinavian Journal of Statistics 1984, in the form that allows for none seen twice).
 */
function estimatedTotal(distinct: number, once: number, twice: number): number {
  return distinct + Math.round((once * (once - 1)) / (2 * (twice + 1)));
}
