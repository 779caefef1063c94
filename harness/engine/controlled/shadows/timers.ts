import { AsyncResource } from 'node:async_hooks';
import { promisify } from 'node:util';
import type { Kernel } from '../../../kernel/kernel.js';
import { operationCodes } from '../../../kernel/operations.js';
import type { AgentPoints } from '../agent-points.js';
import type { EventLoop, ReadyTask } from '../event-loop.js';
import type { Timer } from '../timer-queue.js';
import type { StandIns } from '../../../test-files/test-world.js';

const maximumDelayMs = 2 ** 31 - 1;

/** `Symbol.dispose`, which Node gives its timers even where the language does not have it. */
const disposeSymbol: symbol = (Symbol as { readonly dispose?: symbol }).dispose ?? Symbol.for('nodejs.dispose');

/** How Node interprets a delay: out of range, fractional or missing ones become 1 or whole (timers documentation). */
function coerceDelay(delay: unknown): number {
  const number = Number(delay);
  return number >= 1 && number <= maximumDelayMs ? Math.trunc(number) : 1;
}

function requireFunction(callback: unknown): asserts callback is (...values: unknown[]) => void {
  if (typeof callback === 'function') return;
  throw Object.assign(new TypeError('The "callback" argument must be of type function.'), {
    code: 'ERR_INVALID_ARG_TYPE',
  });
}

const abortError = (signal: AbortSignal): Error =>
  Object.assign(new Error('The operation was aborted', { cause: signal.reason }), {
    name: 'AbortError',
    code: 'ABORT_ERR',
  });

/** Calls what the program has put in place of a timer function. What it returns is what the program gets. */
const faked = (standIn: unknown, ...values: unknown[]): never =>
  (standIn as (...values: unknown[]) => never)(...values);

interface DelayOptions {
  readonly signal?: AbortSignal;
  readonly ref?: boolean;
}

/** The timers that the program under test sees. */
export interface ShadowTimers {
  readonly globals: Readonly<Record<string, unknown>>;
  /** The module `node:timers`. */
  readonly timersModule: Readonly<Record<string, unknown>>;
  /** The module `node:timers/promises`. */
  readonly promisesModule: Readonly<Record<string, unknown>>;
  /** `AbortSignal.timeout` on virtual time. */
  readonly abortAfter: (delay: number) => AbortSignal;
  reset(): void;
}

/**
 * Makes setTimeout and the like, based on one agent's event loop and virtual clock.
 *
 * @param standIns what the program has replaced them by, if it fakes them
 */
export function createShadowTimers(
  kernel: Kernel,
  points: AgentPoints,
  loop: EventLoop,
  standIns: StandIns = {},
): ShadowTimers {
  let numbers = 0;
  const immediates = new Map<ShadowImmediate, ReadyTask>();

  class ShadowTimeout {
    readonly timer: Timer;
    constructor(timer: Timer) {
      this.timer = timer;
    }
    ref(): this {
      this.timer.referenced = true;
      return this;
    }
    unref(): this {
      this.timer.referenced = false;
      return this;
    }
    hasRef(): boolean {
      return this.timer.referenced;
    }
    refresh(): this {
      if (this.timer.cleared) return this;
      this.timer.rounds = points.watch.current;
      loop.timers.reschedule(this.timer, kernel.nowMs + this.timer.delayMs);
      return this;
    }
    close(): this {
      clearTimer(this, points.placeOf(this, 'close'));
      return this;
    }
    [Symbol.toPrimitive](): number {
      return this.timer.number;
    }
    [disposeSymbol](): void {
      clearTimer(this, points.placeOf(this, 'dispose'));
    }
  }

  class ShadowImmediate {
    ref(): this {
      return this;
    }
    unref(): this {
      return this;
    }
    hasRef(): boolean {
      return true;
    }
    [disposeSymbol](): void {
      clearImmediateShadow(this);
    }
  }

  const setTimer = (
    site: number,
    callback: unknown,
    delay: unknown,
    values: unknown[],
    repeats: boolean,
  ): ShadowTimeout => {
    requireFunction(callback);
    points.point(site);
    const delayMs = coerceDelay(delay);
    const number = ++numbers;
    const timer: Timer = {
      number,
      site,
      // As in Node, a callback runs in the asynchronous context in which it was set.
      callback: AsyncResource.bind(() => {
        callback.apply(shadow, values);
      }),
      intervalMs: repeats ? delayMs : undefined,
      delayMs,
      deadlineMs: kernel.nowMs + delayMs,
      sequence: 0,
      referenced: true,
      pending: true,
      cleared: false,
      rounds: points.watch.current,
    };
    const shadow = new ShadowTimeout(timer);
    loop.timers.add(timer);
    points.note(operationCodes['set timer'], site, number, 0, delayMs, false);
    return shadow;
  };

  const clearTimer = (handle: unknown, site: number): void => {
    let timer: Timer | undefined;
    if (handle instanceof ShadowTimeout) ({ timer } = handle);
    else if (typeof handle === 'number' || typeof handle === 'string') timer = loop.timers.find(Number(handle));
    if (timer === undefined) return;
    points.point(site);
    timer.cleared = true;
    loop.timers.remove(timer);
    points.note(operationCodes['clear timer'], site, timer.number, 0, 0, false);
  };

  const setTimeoutShadow = function setTimeout(
    this: unknown,
    callback: unknown,
    delay?: unknown,
    ...values: unknown[]
  ): ShadowTimeout {
    if (standIns.setTimeout !== undefined) return faked(standIns.setTimeout, callback, delay, ...values);
    return setTimer(points.placeOf(this, 'setTimeout', setTimeoutShadow), callback, delay, values, false);
  };
  const setIntervalShadow = function setInterval(
    this: unknown,
    callback: unknown,
    delay?: unknown,
    ...values: unknown[]
  ): ShadowTimeout {
    if (standIns.setInterval !== undefined) return faked(standIns.setInterval, callback, delay, ...values);
    return setTimer(points.placeOf(this, 'setInterval', setIntervalShadow), callback, delay, values, true);
  };
  const setImmediateAt = (site: number, callback: unknown, values: unknown[]): ShadowImmediate => {
    requireFunction(callback);
    points.point(site);
    const shadow = new ShadowImmediate();
    const number = ++numbers;
    const task: ReadyTask = {
      site,
      resource: number,
      rounds: points.watch.current,
      run: AsyncResource.bind(() => {
        immediates.delete(shadow);
        callback(...values);
      }),
    };
    immediates.set(shadow, task);
    loop.addImmediate(task);
    points.note(operationCodes['set immediate'], site, number, 0, 0, false);
    return shadow;
  };
  const setImmediateShadow = function setImmediate(
    this: unknown,
    callback: unknown,
    ...values: unknown[]
  ): ShadowImmediate {
    if (standIns.setImmediate !== undefined) return faked(standIns.setImmediate, callback, ...values);
    return setImmediateAt(points.placeOf(this, 'setImmediate', setImmediateShadow), callback, values);
  };
  const clearImmediateShadow = function clearImmediate(handle: unknown): void {
    if (standIns.clearImmediate !== undefined && !(handle instanceof ShadowImmediate)) {
      faked(standIns.clearImmediate, handle);
      return;
    }
    const task = handle instanceof ShadowImmediate ? immediates.get(handle) : undefined;
    if (task !== undefined) loop.removeImmediate(task);
  };

  /** A promise that `arm` fulfils, or the signal rejects. */
  const delayed = (options: DelayOptions | undefined, arm: (fulfil: () => void) => () => void): Promise<void> =>
    new Promise((resolve, reject) => {
      const signal = options?.signal;
      if (signal?.aborted === true) {
        reject(abortError(signal));
        return;
      }
      const disarm = arm(() => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      });
      const onAbort = (): void => {
        disarm();
        if (signal !== undefined) reject(abortError(signal));
      };
      signal?.addEventListener('abort', onAbort, { once: true });
    });

  const waitAt = (site: number, delay: unknown, options: DelayOptions | undefined): Promise<void> =>
    delayed(options, (fulfil) => {
      const handle = setTimer(site, fulfil, delay, [], false);
      if (options?.ref === false) handle.unref();
      return () => {
        clearTimer(handle, points.placeOf(undefined, 'abort'));
      };
    });
  const turnAt = (site: number, options?: DelayOptions): Promise<void> =>
    delayed(options, (fulfil) => {
      const handle = setImmediateAt(site, fulfil, []);
      return () => {
        clearImmediateShadow(handle);
      };
    });
  const repeatAt = async function* <Value>(site: number, delay: unknown, value?: Value, options?: DelayOptions) {
    for (;;) {
      await waitAt(site, delay, options);
      yield value;
    }
  };

  const sleep = async function setTimeout<Value>(
    this: unknown,
    delay?: unknown,
    value?: Value,
    options?: DelayOptions,
  ): Promise<Value | undefined> {
    await waitAt(points.placeOf(this, 'setTimeout', sleep), delay, options);
    return value;
  };
  const nextTurn = async function setImmediate<Value>(
    this: unknown,
    value?: Value,
    options?: DelayOptions,
  ): Promise<Value | undefined> {
    await turnAt(points.placeOf(this, 'setImmediate', nextTurn), options);
    return value;
  };
  const repeat = function setInterval<Value>(this: unknown, delay?: unknown, value?: Value, options?: DelayOptions) {
    return repeatAt(points.placeOf(this, 'setInterval', repeat), delay, value, options);
  };
  const promisesModule = {
    setTimeout: sleep,
    setImmediate: nextTurn,
    setInterval: repeat,
    scheduler: {
      wait(delay: number, options?: DelayOptions): Promise<void> {
        return waitAt(points.placeOf(this, 'wait'), delay, options);
      },
      yield(): Promise<void> {
        return turnAt(points.placeOf(this, 'yield'));
      },
    },
  };
  Object.defineProperty(setTimeoutShadow, promisify.custom, { value: sleep });
  Object.defineProperty(setImmediateShadow, promisify.custom, { value: nextTurn });

  const globals = {
    setTimeout: setTimeoutShadow,
    setInterval: setIntervalShadow,
    setImmediate: setImmediateShadow,
    clearTimeout: function clearTimeout(this: unknown, handle?: unknown): void {
      if (standIns.clearTimeout !== undefined && !(handle instanceof ShadowTimeout))
        faked(standIns.clearTimeout, handle);
      else clearTimer(handle, points.placeOf(this, 'clearTimeout', clearTimeout));
    },
    clearInterval: function clearInterval(this: unknown, handle?: unknown): void {
      if (standIns.clearInterval !== undefined && !(handle instanceof ShadowTimeout))
        faked(standIns.clearInterval, handle);
      else clearTimer(handle, points.placeOf(this, 'clearInterval', clearInterval));
    },
    clearImmediate: clearImmediateShadow,
  };
  return {
    globals,
    timersModule: { ...globals, promises: promisesModule },
    promisesModule,
    abortAfter: function timeout(this: unknown, delay) {
      const controller = new AbortController();
      const abort = (): void => {
        controller.abort(new DOMException('The operation was aborted due to timeout', 'TimeoutError'));
      };
      setTimer(points.placeOf(this, 'timeout', timeout), abort, delay, [], false).unref();
      return controller.signal;
    },
    reset: () => {
      numbers = 0;
      if (immediates.size > 0) immediates.clear();
    },
  };
}
