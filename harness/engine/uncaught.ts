import { describeThrown, isInstance, rejectionMessage } from '../describe-thrown.js';

/** Node's names for the two ways in which an uncaught error is reported. */
export type UncaughtEvent = 'unhandledRejection' | 'uncaughtException';

/** Something thrown that was not caught, or the reason of an unhandled rejection. */
export interface Uncaught {
  readonly event: UncaughtEvent;
  readonly reason: unknown;
  /** The rejected promise; undefined for what was thrown. */
  readonly promise?: Promise<unknown>;
}

/**
 * Calls the listeners that the program added to its `process`, as Node would: a rejection goes to those of `uncaughtException`
 * if there are none for `unhandledRejection`. Returns whether there were any; throws what they throw.
 *
 * @param emit calls the listeners of an event, and returns whether there were any
 */
export function tellProgram(
  emit: (event: string, ...values: readonly unknown[]) => boolean,
  { event, reason, promise }: Uncaught,
): boolean {
  if (event === 'unhandledRejection' && emit(event, reason, promise)) return true;
  const error = event === 'unhandledRejection' ? rejectionError(reason) : reason;
  emit('uncaughtExceptionMonitor', error, event);
  return emit('uncaughtException', error, event);
}

/** What Node reports of a rejection that nothing handles: the reason, if it is an error, or else an error that names it. */
export function rejectionError(reason: unknown): Error {
  if (isInstance(reason, Error)) return reason;
  const error = new Error(rejectionMessage(describeThrown(reason)));
  return Object.assign(error, { name: 'UnhandledPromiseRejection', code: 'ERR_UNHANDLED_REJECTION' });
}

/** Explains in the messages of both engines why a handler that the program attaches later does not help. */
export const handledTooLate =
  'it was still unhandled after all microtasks had run: an await or a catch that comes later is too late';
