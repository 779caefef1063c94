import { EventEmitter } from 'node:events';
import { StandardStreams } from './standard-streams.js';
import { withShadows } from './with-shadows.js';

/** Thrown by the shadow of `process.exit`. */
export class ProcessExit extends Error {
  override readonly name = 'ProcessExit';
}

/** What a program calls on `process` to listen to its events. */
const emitterMethods = [
  'on',
  'once',
  'off',
  'addListener',
  'removeListener',
  'removeAllListeners',
  'prependListener',
  'prependOnceListener',
  'listeners',
  'rawListeners',
  'listenerCount',
  'eventNames',
  'emit',
  'setMaxListeners',
  'getMaxListeners',
] as const;

/** Properties that lead to the harness, which started this process; a process started by hand does not have them. */
const wayToHarness = { send: undefined, disconnect: undefined, connected: undefined, channel: undefined };

/** What the program under test sees as `process`. */
export interface ProcessShadow {
  readonly process: NodeJS.Process;
  /** Calls the listeners that the program added for an event. Returns whether there were any. */
  readonly emit: (event: string, ...values: readonly unknown[]) => boolean;
  /** Removes them. */
  reset(): void;
}

/**
 * Makes a `process` with the program's own listeners, and an `exit` that throws. Listeners on the real one would pile up over the
 * executions, and receive the harness's own events.
 */
export function createProcessShadow(more: Readonly<Record<string, unknown>> = {}): ProcessShadow {
  const events = new EventEmitter();
  let isListenedTo = false;
  const listening = Object.fromEntries(
    emitterMethods.map((name) => [
      name,
      (...values: unknown[]): unknown => {
        isListenedTo = true;
        const method = Reflect.get(events, name) as (...values: unknown[]) => unknown;
        const result = Reflect.apply(method, events, values);
        return result === events ? shadow : result;
      },
    ]),
  );
  const streams = new StandardStreams();
  let capturesExceptions = false;
  const shadows: Record<string, unknown> = {
    ...listening,
    ...wayToHarness,
    exit: (code: unknown): never => {
      throw new ProcessExit(
        `process.exit(${typeof code === 'number' || typeof code === 'string' ? code : ''}) was called`,
      );
    },
    setUncaughtExceptionCaptureCallback: (capture: ((error: Error) => void) | null): void => {
      process.setUncaughtExceptionCaptureCallback(capture);
      capturesExceptions = true;
    },
    ...more,
  };
  const shadow: NodeJS.Process = withShadows(process, Object.defineProperties(shadows, streams.properties));
  return {
    process: shadow,
    emit: (event, ...values) => events.emit(event, ...values),
    reset: () => {
      if (isListenedTo) events.removeAllListeners();
      isListenedTo = false;
      streams.reset();
      if (capturesExceptions) process.setUncaughtExceptionCaptureCallback(null);
      capturesExceptions = false;
    },
  };
}
