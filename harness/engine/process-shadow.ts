import { Console } from 'node:console';
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

/** What a program sees of how its thread was started, if not what the process was started with. */
export interface PresentedProcess {
  readonly argv: string[];
  readonly execArgv: string[];
  /** Default: what it is without being presented. */
  readonly env?: NodeJS.ProcessEnv;
  /** Replaces `process.exit`. */
  readonly exit: (code?: unknown) => never;
  /** Replaces its streams. */
  readonly streams: Readonly<Partial<Record<'stdin' | 'stdout' | 'stderr', unknown>>>;
}

/** Node's own error for a second callback. */
const captureIsSet = (): Error =>
  Object.assign(
    new Error('`process.setupUncaughtExceptionCapture()` was called while a capture callback was already active'),
    { code: 'ERR_UNCAUGHT_EXCEPTION_CAPTURE_ALREADY_SET' },
  );

/** What the program under test sees as `process`. */
export interface ProcessShadow {
  readonly process: NodeJS.Process;
  /** Calls the listeners that the program added for an event. Returns whether there were any. */
  readonly emit: (event: string, ...values: readonly unknown[]) => boolean;
  /** Removes them, and what `present` presents. */
  reset(): void;
  /** Shows the program of a worker how its thread was started, until the next reset. */
  present(presented: PresentedProcess): void;
  /** What the program has set as `process.exitCode`. */
  readonly exitCode: unknown;
}

/**
 * Makes a `process` with the program's own listeners, and an `exit` that throws. Listeners on the real one would pile up over the
 * executions, and receive the harness's own events.
 *
 * @param more what else differs
 * @param makeEnvironment makes the `env` that is seen until the next reset. Default: that of the process
 */
export function createProcessShadow(
  more: Readonly<Record<string, unknown>> = {},
  makeEnvironment: () => NodeJS.ProcessEnv = () => process.env,
): ProcessShadow {
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
  let capture: ((error: unknown) => void) | null = null;
  let exitCode: unknown;
  let consoleBefore: Console | undefined;
  let presented: Partial<PresentedProcess> = {};
  let environment: NodeJS.ProcessEnv | undefined;
  const presentable: PropertyDescriptorMap = {
    exitCode: {
      get: () => exitCode,
      set: (code: unknown) => {
        exitCode = code;
      },
    },
    ...Object.fromEntries(
      (['argv', 'execArgv', 'env'] as const).map((name) => [
        name,
        {
          get: () => presented[name] ?? (name === 'env' ? (environment ??= makeEnvironment()) : process[name]),
          set: (value: never) => {
            presented = { ...presented, [name]: value };
          },
        },
      ]),
    ),
  };
  const shadows: Record<string, unknown> = {
    ...listening,
    ...wayToHarness,
    exit: (code: unknown): never => {
      presented.exit?.(code);
      throw new ProcessExit(
        `process.exit(${typeof code === 'number' || typeof code === 'string' ? code : ''}) was called`,
      );
    },
    setUncaughtExceptionCaptureCallback: (given: unknown): void => {
      // Anything else than a function or null gets Node's own error.
      if (given !== null && typeof given !== 'function') process.setUncaughtExceptionCaptureCallback(given as never);
      if (given !== null && capture !== null) throw captureIsSet();
      capture = given as typeof capture;
    },
    hasUncaughtExceptionCaptureCallback: (): boolean => capture !== null,
    ...more,
  };
  const ownStreams = Object.fromEntries(
    Object.entries(streams.properties).map(([name, property]) => [
      name,
      { ...property, get: (): unknown => Reflect.get(presented.streams ?? {}, name) ?? property.get?.() },
    ]),
  );
  const shown = withShadows(process, Object.defineProperties(shadows, { ...ownStreams, ...presentable }));
  const shadow: NodeJS.Process = new Proxy(shown, {
    set: (real, key, value) =>
      Object.hasOwn(presentable, key) ? Reflect.set(shadows, key, value) : Reflect.set(real, key, value),
  });
  return {
    process: shadow,
    present: (values) => {
      presented = values;
      const { stdout, stderr } = values.streams;
      if (stdout === undefined && stderr === undefined) return;
      consoleBefore = globalThis.console;
      globalThis.console = new Console({ stdout: shadow.stdout, stderr: shadow.stderr });
    },
    get exitCode(): unknown {
      return exitCode;
    },
    emit: (event, ...values) => {
      if (event !== 'uncaughtException' || capture === null) return events.emit(event, ...values);
      capture(values[0]);
      return true;
    },
    reset: () => {
      if (isListenedTo) events.removeAllListeners();
      isListenedTo = false;
      exitCode = undefined;
      presented = {};
      environment = undefined;
      if (consoleBefore !== undefined) globalThis.console = consoleBefore;
      consoleBefore = undefined;
      streams.reset();
      capture = null;
    },
  };
}
