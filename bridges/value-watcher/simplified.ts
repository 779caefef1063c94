import { AsyncQueue } from '../primitives/async-queue.js';
import { areEqualAsData } from './equality.js';

interface Change<T> {
  readonly from: T;
  readonly to: T;
}

/**
 * The short listing of the article: a value, and for each consumer a queue of its changes, all on one agent.
 *
 * It lives in the memory of one agent and there it does what it says: `waitFor` registers its queue and then looks at the
 * value, with nothing in between, so a wait that has begun misses no state, however short.
 *
 * Its faults, each of which a scenario under scenarios/value-watcher shows:
 *
 * - A worker that sets "the same" watcher sets a copy of its own: nobody else hears of it (simplified-on-another-thread).
 * - The queue goes when the wait ends. What happens before the next wait begins is missed (simplified-between-two-waits).
 * - An object that is changed in place and set again equals itself, so nobody is told (simplified-changed-in-place).
 * - There is no time-out and no way to cancel: who waits in vain waits for good, and so does the queue.
 *
 * @example
 * const watcher = new SimplifiedValueWatcher('disconnected');
 * const draining = watcher.waitFor('closing');
 * watcher.set('closing');
 * watcher.set('closed');
 * await draining;
 * assert.equal(watcher.value, 'closed');
 */
export class SimplifiedValueWatcher<T> {
  #value: T;
  #queues: AsyncQueue<Change<T>>[] = [];

  constructor(initial: T) {
    this.#value = initial;
  }

  get value(): T {
    return this.#value;
  }

  /** How many wait. */
  get consumers(): number {
    return this.#queues.length;
  }

  /** Changes the value, and tells everybody who waits, unless it equals (as data) the one that is there. */
  set(next: T): void {
    if (areEqualAsData(next, this.#value)) return;
    const from = this.#value;
    this.#value = next;
    for (const queue of this.#queues) queue.tryPut({ from, to: next });
  }

  /** Waits until the value equals `target`, or has done so since this was called. */
  async waitFor(target: T): Promise<void> {
    const queue = new AsyncQueue<Change<T>>();
    this.#queues.push(queue);
    try {
      if (areEqualAsData(this.#value, target)) return;
      while (true) {
        const { to } = await queue.get();
        if (areEqualAsData(to, target)) return;
      }
    } finally {
      this.#queues = this.#queues.filter((other) => other !== queue);
    }
  }
}
