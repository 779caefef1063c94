/** The wait ended at its timeout. Nothing was taken and nothing was changed. */
export class WaitTimeout extends Error {
  override readonly name = 'WaitTimeout';
}

/** The longest possible timeout, about 24 days: the limit of Node's timers. */
export const maximumTimeoutMs = 2 ** 31 - 1;

/**
 * The timeout as `Atomics.wait` and timers take it.
 *
 * @param timeoutMs milliseconds; `undefined` or Infinity for no limit
 * @throws RangeError if it is negative, not a number, or finite and above `maximumTimeoutMs`
 */
export function requireTimeout(timeoutMs: number | undefined): number {
  if (timeoutMs === undefined) return Infinity;
  if (typeof timeoutMs === 'number' && timeoutMs >= 0 && (timeoutMs <= maximumTimeoutMs || timeoutMs === Infinity)) {
    return timeoutMs;
  }
  throw new RangeError(
    `timeoutMs must be from 0 to ${maximumTimeoutMs} milliseconds, or Infinity for no limit, but it is ${String(timeoutMs)}.`,
  );
}

/**
 * A size, as a whole number from `minimum` to `maximum`.
 *
 * @throws RangeError if it is anything else
 */
export function requireSize(name: string, value: number, minimum: number, maximum: number): number {
  if (Number.isInteger(value) && value >= minimum && value <= maximum) return value;
  throw new RangeError(`${name} must be a whole number from ${minimum} to ${maximum}, but it is ${String(value)}.`);
}
