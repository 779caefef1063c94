import { AsyncQueue, type WaitOptions } from '../primitives/async-queue.js';

/**
 * Something that has happened or not, for the coroutines of one agent, like asyncio.Event: the second of the article's three
 * attempts at waiting for a state.
 *
 * It is the published design and has no hardened variant; ship `ValueWatcher` instead. Its faults:
 *
 * - It is boolean. Each condition that a coroutine waits for needs its own event, and every setter must know it: a wait for a
 *   condition without an event never ends (scenarios/event/no-event-for-it).
 * - If an event is cleared when the state is over, a waiter that comes a moment later misses it
 *   (scenarios/event/cleared-too-soon). If it is never cleared, it reports a state long past (scenarios/event/never-cleared).
 * - It lives in the memory of its agent. A worker that sets its own copy of the event wakes no waiter here.
 *
 * @example
 * const closing = new AsyncEvent();
 * const drained = closing.wait({ timeoutMs: 1_000 }).then(() => 'drained');
 * closing.set();
 * assert.equal(await drained, 'drained');
 * closing.clear();
 * assert.equal(closing.isSet, false);
 */
export class AsyncEvent {
  #isSet = false;
  readonly #waiting = new Set<AsyncQueue<true>>();

  get isSet(): boolean {
    return this.#isSet;
  }

  /** Says that it has happened, and wakes all waiters, even if it is cleared again before they run. */
  set(): void {
    this.#isSet = true;
    for (const turn of this.#waiting) turn.tryPut(true);
    this.#waiting.clear();
  }

  /** Says that it has not happened. */
  clear(): void {
    this.#isSet = false;
  }

  /** Waits until it has happened. Rejects with `WaitTimeout`, with the signal's reason, or with `RangeError`. */
  async wait(options: WaitOptions = {}): Promise<void> {
    if (this.#isSet) return;
    const turn = new AsyncQueue<true>(1);
    this.#waiting.add(turn);
    try {
      await turn.get(options);
    } finally {
      this.#waiting.delete(turn);
    }
  }
}
