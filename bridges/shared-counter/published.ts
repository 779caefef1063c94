import { AsyncLock } from '../primitives/async-lock.js';

/**
 * The counter of "How to Avoid Synchronization Primitives in Python asyncio", as printed: a number, and an asyncio.Lock around
 * its increment. The number is in shared memory, as is every object that Python's threads share.
 *
 * - On one loop it counts correctly, and would without the lock, since nothing is awaited between reading and writing
 *   (scenarios/shared-counter/published/on-one-loop.scenario.ts).
 * - The lock lives in the memory of its agent. Each worker has a different lock, which excludes no other agent, and increments
 *   are lost (published-across-workers.scenario.ts).
 *
 * @example
 * const counter = new PublishedSharedCounter();
 * await Promise.all([counter.increment(), counter.increment()]);
 * assert.equal(counter.value, 2);
 */
export class PublishedSharedCounter {
  readonly words: Int32Array;
  readonly #lock = new AsyncLock();

  /** @param words shared memory, whose first word is the counter. By default new memory, with the counter at 0 */
  constructor(words: Int32Array = new Int32Array(new SharedArrayBuffer(4))) {
    this.words = words;
  }

  get value(): number {
    return this.words[0]!;
  }

  /** Adds one. Returns the new value. */
  async increment(): Promise<number> {
    await this.#lock.acquire();
    try {
      this.words[0]! += 1;
      return this.words[0]!;
    } finally {
      this.#lock.release();
    }
  }
}
