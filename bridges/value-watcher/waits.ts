import { equalTo } from './equality.js';

/** How a wait for a change may end before the change comes. */
export interface ChangeWaitOptions {
  /** Rejects with `WaitTimeout` after that many milliseconds. No timeout by default. */
  readonly timeoutMs?: number | undefined;
  /** Rejects with the signal's reason when it aborts. */
  readonly signal?: AbortSignal | undefined;
}

/** How to wait for a value. */
export interface ValueWaitOptions extends ChangeWaitOptions {
  /** Whether the present value counts. If not, only a value that it changes to counts. Default true. */
  readonly immediate?: boolean | undefined;
}

/** The waits of a watcher, all based on one: `waitUntil`. */
export abstract class ValueWaits<T> {
  /**
   * Waits until the value satisfies the predicate, if only for a moment, and returns that value.
   *
   * Rejects with what the predicate throws, with `WaitTimeout`, with the signal's reason, with `WatcherClosed` if the
   * watcher is closed during the wait, and with `RangeError` if `timeoutMs` is negative.
   */
  abstract waitUntil(predicate: (value: T) => boolean, options?: ValueWaitOptions): Promise<T>;

  /**
   * Waits until the value equals `target`. Rejects as `waitUntil` does, and with `UncloneablePayload` if `target` is not a
   * value that can be set.
   */
  async waitFor(target: T, options: ValueWaitOptions = {}): Promise<T> {
    return this.waitUntil(equalTo(target), options);
  }

  /** Waits until the value does not equal `unwanted`. Rejects as `waitFor` does. */
  async waitForNot(unwanted: T, options: ValueWaitOptions = {}): Promise<T> {
    const isUnwanted = equalTo(unwanted);
    return this.waitUntil((value) => !isUnwanted(value), options);
  }

  /** Waits until the value is neither `null` nor `undefined`. Rejects as `waitUntil` does. */
  async waitForNotNull(options: ValueWaitOptions = {}): Promise<NonNullable<T>> {
    const value = await this.waitUntil((candidate) => candidate !== null && candidate !== undefined, options);
    return value as NonNullable<T>;
  }

  /** Waits until the value changes to any other value, and returns the new value. Rejects as `waitUntil` does. */
  async waitForChange({ timeoutMs, signal }: ChangeWaitOptions = {}): Promise<T> {
    return this.waitUntil(() => true, { timeoutMs, signal, immediate: false });
  }
}
