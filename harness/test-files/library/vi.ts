import { clearAllMocks, fn, isMockFunction, resetAllMocks, restoreAllMocks, spyOn } from '@vitest/spy';
import type { Config } from '@sinonjs/fake-timers';
import type { TestWorld } from '../test-world.js';
import { mockRemedy, moduleMocks } from '../unavailable.js';
import type { FakeTimers, TickMode } from './fake-timers.js';
import type { Waiting } from './waiting.js';

/** The `vi` of one execution. */
export interface Vi {
  readonly vi: object;
  /** Undoes what it did to objects that outlive the execution. */
  readonly dispose: () => void;
}

/**
 * Makes `vi`: mocks by @vitest/spy, timers by virtual time or by fake timers.
 *
 * @param onlyCollects whether no test runs: then nothing is refused, and what cannot be had is said of the tests that need it
 */
export function createVi(world: TestWorld, timers: FakeTimers, waiting: Waiting, onlyCollects: boolean): Vi {
  const stubbedGlobals = new Map<string, PropertyDescriptor | undefined>();
  const stubbedEnvironment = new Map<string, string | undefined>();
  /** Makes a method that is called for what it does. */
  const chained =
    <Values extends unknown[]>(act: (...values: Values) => unknown) =>
    (...values: Values): object => {
      act(...values);
      return vi;
    };
  const chainedLater =
    <Values extends unknown[]>(act: (...values: Values) => Promise<unknown>) =>
    async (...values: Values): Promise<object> => {
      await act(...values);
      return vi;
    };
  const unstubAllGlobals = (): void => {
    for (const [name, before] of stubbedGlobals) {
      if (before === undefined) Reflect.deleteProperty(globalThis, name);
      else Object.defineProperty(globalThis, name, before);
    }
    stubbedGlobals.clear();
  };
  const unstubAllEnvs = (): void => {
    for (const [name, before] of stubbedEnvironment) setVariable(name, before);
    stubbedEnvironment.clear();
  };
  const vi: Record<string, unknown> = {
    fn,
    spyOn,
    isMockFunction,
    mocked: (value: unknown): unknown => value,
    clearAllMocks: chained(clearAllMocks),
    resetAllMocks: chained(resetAllMocks),
    restoreAllMocks: chained(restoreAllMocks),
    waitFor: waiting.waitFor,
    waitUntil: waiting.waitUntil,
    useFakeTimers: chained((config?: Config) => timers.useFakeTimers(config)),
    useRealTimers: chained(() => timers.useRealTimers()),
    isFakeTimers: () => timers.isFakeTimers(),
    runOnlyPendingTimers: chained(() => timers.clock.runToLast()),
    runOnlyPendingTimersAsync: chainedLater(() => timers.clock.runToLastAsync()),
    runAllTimers: chained(() => timers.clock.runAll()),
    runAllTimersAsync: chainedLater(() => timers.clock.runAllAsync()),
    runAllTicks: chained(() => timers.clock.runMicrotasks()),
    advanceTimersByTime: chained((ms: number) => timers.advanceTimersByTime(ms)),
    advanceTimersByTimeAsync: chainedLater((ms: number) => timers.clock.tickAsync(ms)),
    advanceTimersToNextTimer: chained((steps?: number) => timers.advanceTimersToNextTimer(steps)),
    advanceTimersToNextTimerAsync: chainedLater((steps?: number) => timers.advanceTimersToNextTimerAsync(steps)),
    advanceTimersToNextFrame: chained(() => timers.clock.runToFrame()),
    getTimerCount: () => timers.clock.countTimers(),
    clearAllTimers: chained(() => timers.clock.reset()),
    setTimerTickMode: chained((mode: TickMode, interval?: number) => timers.setTimerTickMode(mode, interval)),
    setSystemTime: chained((time?: number | string | Date) => timers.setSystemTime(time)),
    getMockedSystemTime: () => timers.getMockedSystemTime(),
    getRealSystemTime: () => (world.globals['Date'] as DateConstructor).now(),
    stubGlobal: chained((name: string, value: unknown) => {
      if (!stubbedGlobals.has(name)) stubbedGlobals.set(name, Object.getOwnPropertyDescriptor(globalThis, name));
      Object.defineProperty(globalThis, name, { value, writable: true, configurable: true, enumerable: true });
    }),
    unstubAllGlobals: chained(unstubAllGlobals),
    stubEnv: chained((name: string, value: string | boolean | undefined) => {
      if (!stubbedEnvironment.has(name)) stubbedEnvironment.set(name, process.env[name]);
      setVariable(name, value === undefined ? undefined : String(value));
    }),
    unstubAllEnvs: chained(unstubAllEnvs),
    // Imports have been evaluated by then: without mocks of modules, nothing depends on it.
    hoisted: (factory: () => unknown): unknown => factory(),
    defineHelper: <Helper>(helper: Helper): Helper => helper,
    dynamicImportSettled: () => Promise.resolve(),
    setConfig: () => undefined,
    resetConfig: () => undefined,
  };
  for (const name of moduleMocks)
    vi[name] = onlyCollects ? (): undefined => undefined : (): never => world.refuse(mockRemedy(name));
  const dispose = (): void => {
    restoreAllMocks();
    unstubAllGlobals();
    unstubAllEnvs();
    timers.useRealTimers();
  };
  return { vi, dispose };
}

function setVariable(name: string, value: string | undefined): void {
  if (value === undefined) Reflect.deleteProperty(process.env, name);
  else process.env[name] = value;
}
