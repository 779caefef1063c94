import type { WaitOptions } from '../primitives/async-queue.js';

/** How long a call may wait. */
export interface TimedCall extends WaitOptions {
  /** Gives up with `WaitTimeout` after so many milliseconds; Infinity for never. Default 2,000. */
  readonly timeoutMs?: number | undefined;
}

/** How long a call may wait that blocks its thread, so that nothing can abort it. */
export type TimedThreadCall = Pick<TimedCall, 'timeoutMs'>;

/** The time-out of calls that do not name one. */
export const defaultTimeoutMs = 2_000;

/** The call with its time-out. */
export function limited<Call extends TimedCall>(call: Call): Call {
  return { ...call, timeoutMs: call.timeoutMs ?? defaultTimeoutMs };
}
