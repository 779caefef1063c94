/** Time that a scenario gets even if the budget is used up: enough to explore something. */
const minimumShareMs = 100;

/** What is known of one scenario when its share is reckoned. */
export interface Sharer {
  /** One that should hold takes all the time it gets; the others end as soon as they have found what they expect. */
  readonly shouldHold: boolean;
}

/**
 * Divides one amount of time among the scenarios of a run, several of which run side by side.
 *
 * Scenarios that expect a failure take what they need. What they still will need, and what the others need besides
 * exploring, is expected to be what those before them needed on average. The rest is divided among those that should hold.
 */
export class TotalBudget {
  readonly #deadlineMs: number;
  readonly #lanes: number;
  readonly #now: () => number;
  #holdingLeft = 0;
  #failingLeft = 0;
  readonly #failing = { count: 0, totalMs: 0 };
  readonly #besides = { count: 0, totalMs: 0 };

  /**
   * @param totalMs how long the run may take from now on
   * @param lanes how many scenarios run side by side
   * @param now the time in milliseconds; only differences matter
   */
  constructor(totalMs: number, lanes: number, scenarios: readonly Sharer[], now = (): number => performance.now()) {
    this.#now = now;
    this.#deadlineMs = now() + totalMs;
    this.#lanes = lanes;
    for (const { shouldHold } of scenarios) {
      if (shouldHold) this.#holdingLeft++;
      else this.#failingLeft++;
    }
  }

  /** How long the scenario that is begun now may explore, in milliseconds; Infinity for one that expects a failure. */
  begin({ shouldHold }: Sharer): number {
    if (!shouldHold) {
      this.#failingLeft--;
      return Infinity;
    }
    const reserved = average(this.#failing) * this.#failingLeft + average(this.#besides) * this.#holdingLeft;
    const available = (this.#deadlineMs - this.#now()) * this.#lanes - reserved;
    return Math.max(minimumShareMs, available / this.#holdingLeft--);
  }

  /** @param tookMs from `begin` to its end. @param exploredMs how much of that was exploring */
  end({ shouldHold }: Sharer, tookMs: number, exploredMs: number): void {
    const sum = shouldHold ? this.#besides : this.#failing;
    sum.count++;
    sum.totalMs += shouldHold ? Math.max(0, tookMs - exploredMs) : tookMs;
  }
}

const average = ({ count, totalMs }: { count: number; totalMs: number }): number => (count === 0 ? 0 : totalMs / count);
