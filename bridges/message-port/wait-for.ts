import type { WaitOptions } from '../primitives/async-queue.js';
import { requireTimeout, WaitTimeout } from '../primitives/limit-errors.js';

/**
 * Checks options before the call starts anything.
 *
 * @throws RangeError if the timeout is not a number of milliseconds, 0 or more
 * @throws the signal's reason if it has aborted
 */
export function checkWait({ timeoutMs, signal }: WaitOptions = {}): void {
  requireTimeout(timeoutMs);
  signal?.throwIfAborted();
}

/**
 * Waits for a promise within the limits of the options. Do not pass a promise whose result is lost if the wait gives up.
 *
 * @param what what did not happen in time, for the error's message
 * @throws WaitTimeout, or the signal's reason
 */
export async function waitFor<Value>(
  promise: Promise<Value>,
  { timeoutMs, signal }: WaitOptions = {},
  what: () => string,
): Promise<Value> {
  const limitMs = requireTimeout(timeoutMs);
  signal?.throwIfAborted();
  if (limitMs === Infinity && signal === undefined) return promise;
  let timer: NodeJS.Timeout | undefined;
  let abort: (() => void) | undefined;
  const gaveUp = new Promise<never>((_, reject) => {
    if (limitMs !== Infinity) {
      timer = setTimeout(() => reject(new WaitTimeout(`${what()} within ${limitMs} ms.`)), limitMs);
    }
    abort = () => reject(signal?.reason as Error);
    signal?.addEventListener('abort', abort, { once: true });
  });
  try {
    return await Promise.race([promise, gaveUp]);
  } finally {
    clearTimeout(timer);
    if (abort !== undefined) signal?.removeEventListener('abort', abort);
  }
}
