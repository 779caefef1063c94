import type { WaitOptions } from '../primitives/async-queue.js';
import { requireTimeout, WaitTimeout } from '../primitives/limit-errors.js';
import { TaskCancelled, TaskGroupEnded, TaskGroupFailed } from './errors.js';

/** A task, which gives up when its signal aborts. */
export type Task<Result> = (signal: AbortSignal) => Result | Promise<Result>;

/** Lets the body of a task group start tasks. */
export interface TaskGroup {
  /** Aborts when a task or the body has failed, at the timeout, and when the signal passed to the group aborts. */
  readonly signal: AbortSignal;
  /**
   * Starts a task at once. The returned promise is fulfilled or rejected as the task is, and need not be awaited.
   *
   * If the group is being cancelled the task is not started, and the promise is rejected with the signal's reason.
   *
   * @throws TaskGroupEnded if the group has ended
   */
  run<Result>(task: Task<Result>): Promise<Result>;
  /** Starts several tasks, and waits for all of them. The results are in the order of the tasks. */
  runAll<Result>(tasks: Iterable<Task<Result>>): Promise<Result[]>;
}

/**
 * Runs tasks together: either all succeed, or the remaining ones are cancelled when the first one fails. In both cases nothing
 * runs any more once this has ended.
 *
 * The body starts tasks and returns what it makes of their results. The group ends when the body and all tasks have ended. On
 * the first failure, of a task or of the body, `group.signal` aborts. The group still waits for all of them, and then throws
 * `TaskGroupFailed`. To nest groups, give the inner one the signal of the task in which it runs.
 *
 * Nothing can end a coroutine from outside. A group waits for a task that ignores its signal, however long that takes, even
 * after the timeout: returning earlier would leave the task running unseen, which a group exists to prevent.
 *
 * @param options `signal`: cancels the group when it aborts; the group is rejected with the signal's reason, unless something
 *   else failed. `timeoutMs`: the same after that time, with `WaitTimeout`. Tasks that succeed before this is noticed count
 * @throws TaskGroupFailed if a task or the body failed
 * @throws RangeError if the timeout is not a number of milliseconds, 0 or more
 *
 * @example
 * const words = await taskGroup((group) => group.runAll(['a', 'b'].map((word) => async () => word.toUpperCase())));
 * assert.deepEqual(words, ['A', 'B']);
 *
 * @example
 * const fails = (): never => {
 *   throw new RangeError('no good');
 * };
 * const untilCancelled = (signal: AbortSignal) =>
 *   new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
 * await assert.rejects(
 *   taskGroup((group) => group.runAll([untilCancelled, fails])),
 *   (error) => error instanceof TaskGroupFailed && error.errors.length === 1 && error.errors[0] instanceof RangeError,
 * );
 */
export async function taskGroup<Result>(
  body: (group: TaskGroup) => Result | Promise<Result>,
  { signal, timeoutMs }: WaitOptions = {},
): Promise<Result> {
  const limitMs = requireTimeout(timeoutMs);
  signal?.throwIfAborted();
  const group = new RunningGroup();
  const expire = (): void => group.cancel(new WaitTimeout(`The tasks did not end within ${limitMs} ms.`));
  const timer = limitMs === Infinity ? undefined : setTimeout(expire, limitMs);
  const abort = (): void => group.cancel(signal?.reason);
  signal?.addEventListener('abort', abort, { once: true });
  try {
    return await group.finish(body);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', abort);
  }
}

class RunningGroup implements TaskGroup {
  readonly signal: AbortSignal;
  readonly #controller = new AbortController();
  readonly #errors = new Set<unknown>();
  #running = 0;
  #wasCancelled = false;
  #hasEnded = false;
  #onIdle: (() => void) | undefined;

  constructor() {
    this.signal = this.#controller.signal;
  }

  run<Result>(task: Task<Result>): Promise<Result> {
    if (this.#hasEnded) throw new TaskGroupEnded('The task group has ended: the task was not started.');
    const result = this.#run(task);
    // The group itself handles every failure.
    result.catch(() => undefined);
    return result;
  }

  async runAll<Result>(tasks: Iterable<Task<Result>>): Promise<Result[]> {
    return Promise.all(Array.from(tasks, (task) => this.run(task)));
  }

  cancel(reason: unknown): void {
    this.#controller.abort(reason);
  }

  async finish<Result>(body: (group: TaskGroup) => Result | Promise<Result>): Promise<Result> {
    let result: Result | undefined;
    try {
      result = await body(this);
    } catch (error) {
      this.#fail(error);
    }
    while (this.#running > 0) {
      await new Promise<void>((resolve) => {
        this.#onIdle = resolve;
      });
    }
    this.#hasEnded = true;
    if (this.#errors.size > 0) throw new TaskGroupFailed([...this.#errors]);
    if (this.#wasCancelled) throw this.signal.reason;
    return result as Result;
  }

  async #run<Result>(task: Task<Result>): Promise<Result> {
    if (this.signal.aborted) this.#wasCancelled = true;
    this.signal.throwIfAborted();
    this.#running++;
    try {
      return await task(this.signal);
    } catch (error) {
      this.#fail(error);
      throw error;
    } finally {
      this.#running--;
      if (this.#running === 0) this.#onIdle?.();
    }
  }

  #fail(error: unknown): void {
    if (this.#isCancellation(error)) {
      this.#wasCancelled = true;
      return;
    }
    this.#errors.add(error);
    this.#controller.abort(new TaskCancelled('Another task of the group has failed.', { cause: error }));
  }

  /** Whether it was thrown because the signal aborted: the signal's reason itself, or an AbortError for it, as Node throws. */
  #isCancellation(error: unknown): boolean {
    if (!this.signal.aborted) return false;
    const reason: unknown = this.signal.reason;
    return error === reason || (error instanceof Error && error.name === 'AbortError' && error.cause === reason);
  }
}
