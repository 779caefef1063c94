import { AsyncLock } from '../primitives/async-lock.js';
import { AsyncQueue, type WaitOptions } from '../primitives/async-queue.js';
import { requireTimeout } from '../primitives/limit-errors.js';

/**
 * A lock, and a way to wait until something that it guards has become true, for the coroutines of one agent, like
 * asyncio.Condition: the third of the article's three attempts at waiting for a state.
 *
 * It is the published design and has no hardened variant; ship `ValueWatcher` instead. Its faults:
 *
 * - A woken waiter sees the state at the time when it runs. If the state has changed again, the waiter misses the one that it
 *   was woken for (scenarios/condition/lost-update).
 * - It lives in the memory of its agent, with its lock. A worker that notifies its own copy wakes no waiter here.
 *
 * It is enough for a predicate that stays true once it is, such as "closing, or later" (scenarios/condition/later-will-do).
 *
 * @example
 * const condition = new AsyncCondition();
 * let state = 'connected';
 * const drained = condition.withLock(async () => {
 *   await condition.waitFor(() => state === 'closing', { timeoutMs: 1_000 });
 *   return 'drained';
 * });
 * await condition.withLock(() => {
 *   state = 'closing';
 *   condition.notifyAll();
 * });
 * assert.equal(await drained, 'drained');
 */
export class AsyncCondition {
  readonly #lock = new AsyncLock();
  readonly #waiting: AsyncQueue<true>[] = [];

  /** Whether the lock is taken. */
  get locked(): boolean {
    return this.#lock.locked;
  }

  /** Takes the lock, runs `section`, and always releases the lock. */
  async withLock<Result>(section: () => Result | Promise<Result>): Promise<Result> {
    await this.#lock.acquire();
    try {
      return await section();
    } finally {
      this.#lock.release();
    }
  }

  /**
   * Releases the lock, waits for a notification, and takes the lock again, even if the wait is abandoned.
   *
   * Rejects with `WaitTimeout`, with the signal's reason, with `RangeError`, or with Error if the lock is not taken.
   */
  async wait(options: WaitOptions = {}): Promise<void> {
    if (!this.#lock.locked) throw new Error('wait() was called without the lock.');
    const turn = new AsyncQueue<true>(1);
    this.#waiting.push(turn);
    this.#lock.release();
    try {
      await turn.get(options);
    } finally {
      const place = this.#waiting.indexOf(turn);
      if (place !== -1) this.#waiting.splice(place, 1);
      await this.#lock.acquire();
    }
  }

  /** Waits until the predicate is true, checking it now and after each notification. Otherwise as `wait`. */
  async waitFor(predicate: () => boolean, { timeoutMs, signal }: WaitOptions = {}): Promise<void> {
    const limitMs = requireTimeout(timeoutMs);
    const deadlineMs = limitMs === Infinity ? Infinity : performance.now() + limitMs;
    while (!predicate()) {
      const leftMs = deadlineMs === Infinity ? Infinity : Math.max(deadlineMs - performance.now(), 0);
      await this.wait({ signal, timeoutMs: leftMs });
    }
  }

  /**
   * Wakes up to `count` waiters. They continue once they have the lock.
   *
   * @throws Error if the lock is not taken
   */
  notify(count = 1): void {
    if (!this.#lock.locked) throw new Error('notify() was called without the lock.');
    for (const turn of this.#waiting.splice(0, count)) turn.tryPut(true);
  }

  /** Wakes all waiters. Otherwise as `notify`. */
  notifyAll(): void {
    this.notify(Infinity);
  }
}
