import type { WaitOptions } from '../primitives/async-queue.js';

/** How long a call may wait. */
export interface TimedCall extends WaitOptions {
  /** Gives up with `WaitTimeout` after that many milliseconds; Infinity for never. Default 2,000. */
  readonly timeoutMs?: number | undefined;
}

/** How long a call that blocks its thread may wait. Nothing can abort such a call. */
export type TimedThreadCall = Pick<TimedCall, 'timeoutMs'>;

/** The timeout of calls that do not name one. */
export const defaultTimeoutMs = 2_000;

/** The call with its timeout. */
export function limited<Call extends TimedCall>(call: Call): Call {
  return { ...call, timeoutMs: call.timeoutMs ?? defaultTimeoutMs };
}
