import type { TestWorld } from '../test-world.js';
import { unfaked } from './fake-timers.js';

/** How long something is waited for, and how often it is looked at. */
export interface WaitOptions {
  /** Default 50. */
  readonly interval?: number;
  /** Default 1,000. */
  readonly timeout?: number;
}

/** What waits needs of fake timers: while they are used, their time passes with each look. */
interface FakeTime {
  isFakeTimers(): boolean;
  advanceTimersByTime(ms: number): void;
}

interface Look<Value> {
  readonly what: string;
  /** Looks once. */
  readonly look: () => Value | PromiseLike<Value>;
  readonly accepts: (value: Value) => boolean;
  /** Whether it is looked at again after an error. */
  readonly forgives: boolean;
  readonly options: WaitOptions;
}

/** `vi.waitFor`, `vi.waitUntil` and `expect.poll` on virtual time. Their time-outs count time in which nothing else could happen. */
export class Waiting {
  readonly #world: TestWorld;
  readonly #fakeTime: FakeTime;

  constructor(world: TestWorld, fakeTime: FakeTime) {
    this.#world = world;
    this.#fakeTime = fakeTime;
  }

  /** Looks until nothing is thrown. */
  readonly waitFor = <Value>(
    look: () => Value | PromiseLike<Value>,
    options: number | WaitOptions = {},
  ): Promise<Value> =>
    this.until({ what: 'waitFor', look, accepts: () => true, forgives: true, options: asOptions(options) });

  /** Looks until something true is returned. */
  readonly waitUntil = <Value>(
    look: () => Value | PromiseLike<Value>,
    options: number | WaitOptions = {},
  ): Promise<Value> =>
    this.until({ what: 'waitUntil', look, accepts: Boolean, forgives: false, options: asOptions(options) });

  until<Value>({ what, look, accepts, forgives, options }: Look<Value>): Promise<Value> {
    const { interval = 50, timeout = 1_000 } = options;
    const world = this.#world;
    const timedOut = new Error(`Timed out in ${what}!`);
    return new Promise((resolve, reject) => {
      let lastError: { readonly error: unknown } | undefined;
      let isPending = false;
      let isOver = false;
      let stop = (): void => undefined;
      const end = (settle: () => void): void => {
        isOver = true;
        stop();
        settle();
      };
      const patience = {
        run: () => {
          end(() => {
            // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- what was thrown
            reject(lastError === undefined ? timedOut : lastError.error);
          });
        },
      };
      const take = (value: Value): void => {
        isPending = false;
        if (accepts(value)) {
          end(() => {
            resolve(value);
          });
        }
      };
      const takeError = (error: unknown): void => {
        isPending = false;
        lastError = { error };
        if (!forgives) patience.run();
      };
      const lookAgain = (): void => {
        if (this.#fakeTime.isFakeTimers()) this.#fakeTime.advanceTimersByTime(interval);
        if (isPending) return;
        try {
          const value = look();
          if (isThenable(value)) {
            isPending = true;
            value.then(take, takeError);
          } else take(value);
        } catch (error) {
          takeError(error);
        }
      };
      lookAgain();
      // eslint-disable-next-line @typescript-eslint/no-unnecessary-condition -- looking may have ended it
      if (isOver) return;
      const { setInterval: repeat, clearInterval: clear } = unfaked(world) as unknown as typeof globalThis;
      const repeated = repeat(lookAgain, interval);
      world.addPatience(patience, timeout);
      stop = () => {
        world.removePatience(patience);
        clear(repeated);
      };
    });
  }
}

const asOptions = (options: number | WaitOptions): WaitOptions =>
  typeof options === 'number' ? { timeout: options } : options;

const isThenable = <Value>(value: Value | PromiseLike<Value>): value is PromiseLike<Value> =>
  typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function';
