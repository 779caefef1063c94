import { describeThrown, isInstance, rejectionMessage } from '../describe-thrown.js';

/** What Node calls the two ways in which something that a program did not catch comes to light. */
export type UncaughtEvent = 'unhandledRejection' | 'uncaughtException';

/** Something thrown that nobody caught, or the reason of a rejection that nobody handled. */
export interface Uncaught {
  readonly event: UncaughtEvent;
  readonly reason: unknown;
  /** The rejected promise; undefined for what was thrown. */
  readonly promise?: Promise<unknown>;
}

/**
 * Tells the listeners that the program has put on its `process`, with what Node would tell them: of a rejection those of
 * `uncaughtException` hear where nobody listens to `unhandledRejection`. Returns whether there were any; throws what
 * they throw.
 *
 * @param emit calls the listeners of an event, and returns whether there were any
 */
export function tellProgram(
  emit: (event: string, ...values: readonly unknown[]) => boolean,
  { event, reason, promise }: Uncaught,
): boolean {
  if (event === 'unhandledRejection' && emit(event, reason, promise)) return true;
  const error = event === 'unhandledRejection' && !isInstance(reason, Error) ? asError(reason) : reason;
  emit('uncaughtExceptionMonitor', error, event);
  return emit('uncaughtException', error, event);
}

function asError(reason: unknown): Error {
  const error = new Error(rejectionMessage(describeThrown(reason)));
  return Object.assign(error, { name: 'UnhandledPromiseRejection', code: 'ERR_UNHANDLED_REJECTION' });
}

/** Why a handler that the program attaches later does not help, for the messages of both engines. */
export const handledTooLate =
  'it was still unhandled after all microtasks had run: an await or a catch that comes later is too late';
