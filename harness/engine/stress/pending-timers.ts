import timersPromises from 'node:timers/promises';
import { promisify } from 'node:util';
import { agentWord, TIMERS } from './layout.js';

type TimerFunction = (callback: (...values: unknown[]) => void, ms?: number, ...values: unknown[]) => NodeJS.Timeout;
type ImmediateFunction = (callback: (...values: unknown[]) => void, ...values: unknown[]) => NodeJS.Immediate;

/**
 * Real timers, counted while they are pending, so that an execution that waits for one is not reported as a deadlock, and cleared
 * at its end, so that none fires in the next.
 */
export class PendingTimers {
  readonly globals: Readonly<Record<string, unknown>>;
  /** The replacement of `node:timers/promises`. */
  readonly promisesModule: Readonly<Record<string, unknown>>;
  readonly #words: Int32Array;
  readonly #word: number;
  readonly #timeouts = new Set<NodeJS.Timeout>();
  readonly #immediates = new Set<NodeJS.Immediate>();
  readonly #holds = new Set<NodeJS.Timeout>();
  #generation = 0;
  /** What will happen by itself without being a timer of the program. */
  #expected = 0;

  constructor(words: Int32Array, agent: number) {
    this.#words = words;
    this.#word = agentWord(agent, TIMERS);
    const startTimer =
      (start: TimerFunction, repeats: boolean): TimerFunction =>
      (callback, ms, ...values) => {
        if (typeof callback !== 'function') return start(callback, ms, ...values);
        const timeout = start(
          (...given) => {
            if (!repeats) this.#forget(timeout);
            callback(...given);
          },
          ms,
          ...values,
        );
        this.#timeouts.add(timeout);
        this.#count(1);
        return timeout;
      };
    const shadowTimeout = startTimer(setTimeout, false);
    const shadowImmediate: ImmediateFunction = (callback, ...values) => {
      const start = setImmediate as unknown as ImmediateFunction;
      if (typeof callback !== 'function') return start(callback, ...values);
      const immediate = start(
        (...given) => {
          this.#immediates.delete(immediate);
          callback(...given);
        },
        ...values,
      );
      this.#immediates.add(immediate);
      return immediate;
    };
    const clear = (timer: unknown): void => {
      clearTimeout(timer as NodeJS.Timeout);
      if (typeof timer === 'object') this.#forget(timer as NodeJS.Timeout);
      else for (const pending of this.#timeouts) if (Number(pending) === Number(timer)) this.#forget(pending);
    };
    Object.defineProperty(shadowTimeout, promisify.custom, { value: this.#counting(timersPromises.setTimeout) });
    Object.defineProperty(shadowImmediate, promisify.custom, { value: timersPromises.setImmediate });
    this.globals = {
      setTimeout: shadowTimeout,
      setInterval: startTimer(setInterval, true),
      setImmediate: shadowImmediate,
      clearTimeout: clear,
      clearInterval: clear,
      clearImmediate: (immediate: NodeJS.Immediate): void => {
        clearImmediate(immediate);
        this.#immediates.delete(immediate);
      },
    };
    this.promisesModule = {
      ...timersPromises,
      setTimeout: this.#counting(timersPromises.setTimeout),
      scheduler: {
        ...timersPromises.scheduler,
        wait: this.#counting(timersPromises.scheduler.wait.bind(timersPromises.scheduler)),
        yield: () => timersPromises.setImmediate(),
      },
    };
  }

  /** Counts something else that will happen by itself, and keeps the event loop alive until the returned function is called. */
  hold(comesByItself: boolean): () => void {
    const generation = this.#generation;
    const alive = setInterval(() => undefined, 0x3fffffff);
    this.#holds.add(alive);
    if (comesByItself) this.#expect(1);
    return () => {
      if (this.#generation !== generation) return;
      clearInterval(alive);
      this.#holds.delete(alive);
      if (comesByItself) this.#expect(-1);
    };
  }

  /** Clears everything that the last execution left behind. */
  reset(): void {
    this.#generation++;
    for (const timeout of [...this.#timeouts, ...this.#holds]) clearTimeout(timeout);
    for (const immediate of this.#immediates) clearImmediate(immediate);
    this.#timeouts.clear();
    this.#holds.clear();
    this.#expected = 0;
    this.#immediates.clear();
    this.#words[this.#word] = 0;
  }

  #counting<Values extends unknown[], Result>(
    start: (...values: Values) => Promise<Result>,
  ): (...values: Values) => Promise<Result> {
    return (...values) => {
      const generation = this.#generation;
      this.#expect(1);
      return start(...values).finally(() => {
        if (this.#generation === generation) this.#expect(-1);
      });
    };
  }

  /** Whether anything is pending that a Node process would wait for. */
  get isExpecting(): boolean {
    if (this.#expected > 0 || this.#immediates.size > 0) return true;
    for (const timeout of this.#timeouts) if (timeout.hasRef()) return true;
    return false;
  }

  #expect(change: number): void {
    this.#expected += change;
    this.#count(change);
  }

  #forget(timeout: NodeJS.Timeout): void {
    if (this.#timeouts.delete(timeout)) this.#count(-1);
  }

  #count(change: number): void {
    this.#words[this.#word] = this.#words[this.#word]! + change;
  }
}
