import type { Channel } from '../bridge.js';
import { mutex, type Mutex } from '../mutex.js';
import { AsyncLock } from '../primitives/async-lock.js';
import { requireTimeout, WaitTimeout } from '../primitives/limit-errors.js';
import { SharedDictionary } from '../unsynchronised/shared-dictionary.js';
import type { StateLockState } from './state-lock.js';
import type { LockPairState } from './state.js';
import { defaultTimeoutMs } from './timed-call.js';

/** The published design did not get its lock before the timeout, or says so. */
export class StateReadTimeout extends Error {
  override readonly name = 'StateReadTimeout';
}

/** How long a published read may wait. */
export interface PublishedReadOptions {
  /** How long to wait for the lock of coroutines, in milliseconds. Default 2,000. */
  readonly timeoutMs?: number | undefined;
}

/**
 * The two locks of the published design, without the dictionary: one for threads, which blocks, and one for the coroutines of
 * this agent. See `PublishedLockPair` for their faults.
 *
 * @example
 * const locks = new PublishedLocks(createStateLock());
 * const answer = await locks.withAsyncLock({ timeoutMs: 1_000 }, () => locks.withThreadLock(() => 42));
 * assert.equal(answer, 42);
 */
export class PublishedLocks {
  readonly #threadLock: Mutex;
  readonly #asyncLock = new AsyncLock();

  /** @param state a word of shared memory, initially 0, on this agent or another */
  constructor(state: StateLockState) {
    this.#threadLock = mutex(state);
  }

  /** Runs a section under the lock of threads. Blocks the whole agent until the lock is free. */
  withThreadLock<Result>(section: () => Result): Result {
    return this.#threadLock.withLock(section);
  }

  /** Runs a body under the lock of coroutines. */
  async withAsyncLock<Result>(options: PublishedReadOptions, body: () => Result | Promise<Result>): Promise<Result> {
    const timeoutMs = requireTimeout(options.timeoutMs ?? defaultTimeoutMs);
    try {
      await acquireWithin(this.#asyncLock, timeoutMs);
      return await body();
    } catch (error) {
      if (!(error instanceof WaitTimeout)) throw error;
      throw new StateReadTimeout('state read timed out: loop starvation?', { cause: error });
    } finally {
      // As printed. It does not check whether this coroutine has the lock.
      if (this.#asyncLock.locked) this.#asyncLock.release();
    }
  }
}

/**
 * The CrossRuntimeStateManager of the article, as printed: `update_from_thread` under a `threading.Lock`, `read` under an
 * `asyncio.Lock` with a timeout. Use `LockPair` instead. Its faults:
 *
 * - **The two locks do not exclude each other.** A thread and a coroutine are in the locked section at once
 *   (`scenarios/lock-pair/published/two-lock-holders.scenario.ts`), so a snapshot may have values that never existed together
 *   (`scenarios/lock-pair/published/snapshot-torn.scenario.ts`). Python's global interpreter lock makes each step of a dictionary atomic
 *   and hides most of this. Shared memory has no such lock, so an entry may even be copied half written: a TornEntry.
 * - **A read that times out frees another holder's lock**: `finally` asks whether the lock is locked, not who locked it. The
 *   next reader enters while that holder is still there (`scenarios/lock-pair/published/timeout-frees-anothers-lock.scenario.ts`).
 * - **The reader's own timeout is taken for starvation**: the body of `read` is inside the `try`, so a timeout in the body is
 *   reported as the lock's (`scenarios/lock-pair/published/own-timeout-taken-for-starvation.scenario.ts`).
 * - **Threads wait forever**: their lock has no timeout. If a worker is terminated while it has the lock, it keeps the lock
 *   (`scenarios/lock-pair/published/worker-dies-in-the-lock.scenario.ts`). This cannot happen to a Python thread.
 *
 * @example
 * const manager = new PublishedLockPair<string>(createLockPair({ entries: 4 }), (key) => assert.equal(key, 'mode'));
 * const { port1, port2 } = new MessageChannel();
 * manager.listen(port2);
 * manager.updateFromThread('mode', 'fast', port1);
 * await manager.read({ timeoutMs: 500 }, (snapshot) => assert.equal(snapshot.get('mode'), 'fast'));
 * port1.close();
 */
export class PublishedLockPair<Value> {
  readonly #dictionary: SharedDictionary<Value>;
  readonly #locks: PublishedLocks;
  readonly #notify: (key: string) => void;

  /**
   * @param state what `createLockPair` returned, on this agent or another
   * @param notify the observer hook: called on the loop with a key that a thread has changed. Default does nothing
   */
  constructor(state: LockPairState, notify: (key: string) => void = () => undefined) {
    this.#dictionary = new SharedDictionary(state.dictionary);
    this.#locks = new PublishedLocks(state.lock);
    this.#notify = notify;
  }

  /**
   * Adds a key, or replaces its value, and posts the key to the loop. Blocks the thread until the lock is free.
   *
   * @param loop the channel to the loop: `parentPort` in a worker
   * @throws what `SharedDictionary.set` throws
   */
  updateFromThread(key: string, value: Value, loop: Pick<Channel, 'postMessage'>): void {
    this.#locks.withThreadLock(() => this.#dictionary.set(key, value));
    loop.postMessage(key);
  }

  /** On the loop: calls the observer hook for each key that comes from a thread. */
  listen(thread: Pick<Channel, 'on'>): void {
    thread.on('message', (key) => this.#notify(key as string));
  }

  /**
   * Calls the body with a snapshot, under the lock of coroutines. Rejects with StateReadTimeout if it did not get the lock in
   * time, with TornEntry if a thread changed the entry that was being copied, and with what the body throws.
   */
  async read<Result>(
    options: PublishedReadOptions,
    body: (snapshot: Map<string, Value>) => Result | Promise<Result>,
  ): Promise<Result> {
    return this.#locks.withAsyncLock(options, () => body(this.#dictionary.copy().decode()));
  }
}

async function acquireWithin(lock: AsyncLock, timeoutMs: number): Promise<void> {
  if (timeoutMs === Infinity) return lock.acquire();
  const timeout = new AbortController();
  const timer = setTimeout(() => {
    timeout.abort(new WaitTimeout(`The lock was not free within ${timeoutMs} ms.`));
  }, timeoutMs);
  try {
    await lock.acquire(timeout.signal);
  } finally {
    clearTimeout(timer);
  }
}
