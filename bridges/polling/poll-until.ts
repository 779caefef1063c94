import type { WaitOptions } from '../primitives/async-queue.js';
import { maximumTimeoutMs, requireSize, requireTimeout, WaitTimeout } from '../primitives/limit-errors.js';

/** Options of polling. */
export interface PollOptions extends WaitOptions {
  /** How long to sleep between two reads. Default 100. */
  readonly intervalMs?: number | undefined;
}

/**
 * Reads a value again and again until it is a wanted one, and returns it: the first of the article's three attempts at waiting
 * for a state. `read` may look anywhere, in the memory of this agent or in shared memory.
 *
 * It is the published design and has no hardened variant; ship `ValueWatcher` instead. Its faults:
 *
 * - A state that comes and goes between two reads is missed (scenarios/polling/state-between-two-polls).
 * - Latency and work cannot both be low, and it works even if nothing changes.
 *
 * Use it for a state that stays, such as the last one (scenarios/polling/last-state).
 *
 * Rejects with what `read` or `wanted` throws, with `WaitTimeout`, with the signal's reason, and with
 * `RangeError` if a time is negative.
 *
 * @example
 * let state = 'connected';
 * setTimeout(() => (state = 'closing'), 1);
 * const seen = await pollUntil(() => state, (value) => value === 'closing', { intervalMs: 1, timeoutMs: 10_000 });
 * assert.equal(seen, 'closing');
 */
export async function pollUntil<T>(
  read: () => T,
  wanted: (value: T) => boolean,
  { intervalMs = 100, timeoutMs, signal }: PollOptions = {},
): Promise<T> {
  const sleepMs = requireSize('intervalMs', intervalMs, 0, maximumTimeoutMs);
  const limitMs = requireTimeout(timeoutMs);
  const deadlineMs = limitMs === Infinity ? Infinity : performance.now() + limitMs;
  while (true) {
    signal?.throwIfAborted();
    const value = read();
    if (wanted(value)) return value;
    if (deadlineMs !== Infinity && performance.now() >= deadlineMs) {
      throw new WaitTimeout(`No matching value was found within ${limitMs} ms.`);
    }
    await sleep(sleepMs, signal);
  }
}

/** Ends early if the signal aborts. */
function sleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const wake = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', wake);
      resolve();
    };
    const timer = setTimeout(wake, ms);
    signal?.addEventListener('abort', wake, { once: true });
  });
}
