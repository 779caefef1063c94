import { AsyncQueue, type WaitOptions } from '../primitives/async-queue.js';

/**
 * Something that has happened or not, for the coroutines of one agent, as asyncio.Event is: the second of the article's
 * three attempts at waiting for a state.
 *
 * It is the published design and has no hardened variant; what one would ship is `ValueWatcher`. Its faults:
 *
 * - It is boolean, so each condition that somebody waits for needs an event of its own, which every setter has to know: who
 *   waits for a condition that nobody thought of waits for good (scenarios/event/no-event-for-it).
 * - An event that is cleared when the state is over is missed by whoever comes a moment later (scenarios/event/cleared-too-soon),
 *   and one that nobody clears tells of a state long past (scenarios/event/never-cleared).
 * - It lives in the memory of its agent. A worker that sets the event of its own copy wakes nobody here.
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

  /** Says that it has happened, and wakes everybody who waits, even if it is cleared again before they run. */
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
