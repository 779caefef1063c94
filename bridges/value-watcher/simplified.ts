import { AsyncQueue } from '../primitives/async-queue.js';
import { areEqualAsData } from './equality.js';

interface Change<T> {
  readonly from: T;
  readonly to: T;
}

/**
 * The short listing of the article: a value, and for each consumer a queue of its changes, all on one agent.
 *
 * Within the memory of one agent it does what it says: `waitFor` registers its queue and then looks at the value, with nothing
 * in between, so a wait that has begun misses no state, however short.
 *
 * Its faults, each shown by a scenario under scenarios/value-watcher:
 *
 * - A worker that sets "the same" watcher sets its own copy, and no other agent learns of it (simplified/on-another-thread).
 * - The queue is removed when the wait ends. What happens before the next wait is missed (simplified/between-two-waits).
 * - An object that is changed in place and set again equals itself, so no waiter is woken (simplified/changed-in-place).
 * - There is no timeout and no way to cancel: a wait in vain never ends, and its queue stays.
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

  /** The number of waits. */
  get consumers(): number {
    return this.#queues.length;
  }

  /** Changes the value and notifies all waiters, unless the new value equals (as data) the present one. */
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
