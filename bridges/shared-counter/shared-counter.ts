/**
 * A counter that any number of agents may change at once, without a lock: each change is one atomic operation on shared memory.
 * No agent ever waits, and nothing is lost if an agent dies.
 *
 * It counts in 64 bits and returns plain numbers, so its values are whole numbers from -(2^53 - 1) to 2^53 - 1.
 *
 * @example
 * const counter = new SharedCounter();
 * const sameCounter = new SharedCounter(counter.cell); // in a worker: the cell goes there by postMessage or workerData
 * counter.increment();
 * assert.equal(sameCounter.increment(2), 3);
 * assert.equal(counter.value, 3);
 */
export class SharedCounter {
  /** The shared memory that other agents need. */
  readonly cell: BigInt64Array;

  /**
   * @param cell shared memory, whose first element is the counter. By default new memory, with the counter at 0
   * @throws TypeError if the memory is not shared: each agent would have a copy, and count separately
   */
  constructor(cell: BigInt64Array = new BigInt64Array(new SharedArrayBuffer(8))) {
    if (!(cell.buffer instanceof SharedArrayBuffer) || cell.length === 0) {
      throw new TypeError(
        'A shared counter needs one element of shared memory: a BigInt64Array on a SharedArrayBuffer.',
      );
    }
    this.cell = cell;
  }

  /** The value now. Other agents may change it right after. */
  get value(): number {
    return Number(Atomics.load(this.cell, 0));
  }

  /**
   * Adds to the counter, in one atomic step. Returns the new value.
   *
   * @param by a whole number. Default 1
   * @throws RangeError if `by` is not a whole number, or the counter would pass 2^53 - 1. The counter is then as before, though
   *   others may have seen it beyond that for a moment
   */
  increment(by = 1): number {
    const amount = wholeNumber(by);
    const next = Atomics.add(this.cell, 0, amount) + amount;
    if (isCountable(next)) return Number(next);
    Atomics.sub(this.cell, 0, amount);
    throw new RangeError(`The counter cannot hold ${next}: it counts up to ${Number.MAX_SAFE_INTEGER}.`);
  }

  /**
   * Replaces the value by the result of a function. If others change the counter in between, the function is called again with
   * the changed value, so it must have no side effects. Returns the new value.
   *
   * @throws RangeError if the function does not return a whole number; what the function throws. The counter is then unchanged
   *
   * @example
   * const counter = new SharedCounter();
   * counter.increment(5);
   * assert.equal(counter.update((value) => Math.min(value + 10, 12)), 12);
   */
  update(change: (value: number) => number): number {
    let found = Atomics.load(this.cell, 0);
    while (true) {
      const next = wholeNumber(change(Number(found)));
      const before = Atomics.compareExchange(this.cell, 0, found, next);
      if (before === found) return Number(next);
      found = before;
    }
  }
}

/**
 * A counter for the coroutines of one agent. It needs neither a lock nor an atomic operation: no other coroutine runs between
 * two awaits. So put what must stay together in one call, or at least in code without an `await`.
 *
 * @example
 * const counter = new LoopCounter();
 * await Promise.all(['a', 'b'].map(async () => counter.increment(2)));
 * assert.equal(counter.value, 4);
 */
export class LoopCounter {
  #value = 0;

  get value(): number {
    return this.#value;
  }

  /**
   * Adds to the counter. Returns the new value.
   *
   * @param by a whole number. Default 1
   * @throws RangeError if `by` is not a whole number, or the counter would pass 2^53 - 1
   */
  increment(by = 1): number {
    const next = this.#value + by;
    if (!Number.isSafeInteger(by) || !Number.isSafeInteger(next)) {
      throw new RangeError(
        `A counter counts whole numbers up to ${Number.MAX_SAFE_INTEGER}, not ${this.#value} + ${by}.`,
      );
    }
    this.#value = next;
    return next;
  }
}

function wholeNumber(value: number): bigint {
  if (Number.isSafeInteger(value)) return BigInt(value);
  throw new RangeError(`A counter counts whole numbers up to ${Number.MAX_SAFE_INTEGER}, not ${String(value)}.`);
}

function isCountable(value: bigint): boolean {
  return value <= BigInt(Number.MAX_SAFE_INTEGER) && value >= BigInt(-Number.MAX_SAFE_INTEGER);
}
