import type { WaitOptions } from '../primitives/async-queue.js';
import { requireTimeout, WaitTimeout } from '../primitives/limit-errors.js';

/**
 * Checks options before anything is begun on their account.
 *
 * @throws RangeError if the time-out is no number of milliseconds, 0 or more
 * @throws the reason of the signal if that has aborted
 */
export function checkWait({ timeoutMs, signal }: WaitOptions = {}): void {
  requireTimeout(timeoutMs);
  signal?.throwIfAborted();
}

/**
 * Waits for a promise, but no longer than the options say. The promise must not be one whose result is lost if nobody waits for it.
 *
 * @param what what had not happened in time, for the message of the error
 * @throws WaitTimeout, or the reason of the signal
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
