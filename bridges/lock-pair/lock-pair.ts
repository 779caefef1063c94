import { SharedDictionary } from '../unsynchronised/shared-dictionary.js';
import { ChangeObservers, type ChangeObserver, type ObserverErrorHandler } from './change-observers.js';
import { StateLock } from './state-lock.js';
import type { LockPairState } from './state.js';
import { limited, type TimedCall, type TimedThreadCall } from './timed-call.js';

/** Options of a `LockPair`. */
export interface LockPairOptions {
  /** Called with what an observer threw. By default it is thrown as an uncaught error of this agent. */
  readonly onError?: ObserverErrorHandler | undefined;
}

/** The next value of a key, or a function that makes it from the present one. */
export type NextValue<Value> = Value | ((present: Value | undefined) => Value);

/**
 * A dictionary that worker threads and coroutines share: the CrossRuntimeStateManager of the article, hardened.
 *
 * There is one lock for threads and coroutines alike, where the article has two that do not exclude each other. Threads block
 * on it. Coroutines wait for it without blocking, and copy the state at the moment they get it. So the lock is never held
 * across an `await`, and no caller has to release it. `read` returns a copy: the state at one moment.
 *
 * - **Every wait can end**: all calls time out, after 2,000 ms by default. The WaitTimeout distinguishes a lock that one holder
 *   keeps from one that many take.
 * - **A thread that dies** while it has the lock keeps all others waiting until their timeouts, which name its
 *   handle. `recover(owner)` takes the lock from it. All acknowledged changes are kept; the change that was under
 *   way has happened or not.
 * - **Compound operations** are atomic: pass a function to `update`, instead of reading first.
 * - **Observers** are called with keys, on the event loop, at least once after each change; several changes of one key may
 *   become one call. Nothing is queued, so nothing can overflow.
 *
 * A limit of the platform: the event loop may not block, so it cannot queue as threads do. A thread may take a released
 * lock again before the loop has its turn. Threads that release it only briefly can starve the loop until its timeout. The
 * alternative, handing the lock over to a loop, would keep all threads waiting for as long as that loop is busy. On the main
 * thread, methods that would block throw.
 *
 * @example
 * const pair = new LockPair<number>(createLockPair({ entries: 4 }));
 * const changed: string[] = [];
 * await pair.onChange((key) => changed.push(key));
 * await pair.update('visits', 1);
 * await pair.update('visits', (visits = 0) => visits + 1);
 * assert.deepEqual([...(await pair.read({ timeoutMs: 500 }))], [['visits', 2]]);
 * pair.close();
 */
export class LockPair<Value> {
  readonly #dictionary: SharedDictionary<Value>;
  readonly #lock: StateLock;
  readonly #observers: ChangeObservers;

  /** @param state what `createLockPair` returned, on this agent or another. Every agent makes one handle. */
  constructor(state: LockPairState, { onError = rethrow }: LockPairOptions = {}) {
    this.#dictionary = new SharedDictionary(state.dictionary);
    this.#lock = new StateLock(state.lock);
    this.#observers = new ChangeObservers(this.#dictionary, this.#lock, state.observers, onError);
  }

  /** The number of this handle. Timeouts name it, and `recover` on another agent takes it. */
  get owner(): number {
    return this.#lock.owner;
  }

  /**
   * Adds a key, or replaces its value. Blocks the thread until the lock is free: for worker threads.
   *
   * @param next the value, or a function that makes it from the present one, under the lock: it must be quick
   * @throws WaitTimeout; RangeError if `timeoutMs` is negative or not a number; UncloneablePayload, EntryTooLarge or
   *   DictionaryFull if the value does not fit; what `next` throws; Error on the main thread, and within `next`. Then
   *   nothing has changed.
   */
  updateFromThread(key: string, next: NextValue<Value>, call: TimedThreadCall = {}): void {
    this.#lock.withLock(() => this.#set(key, next), limited(call));
    this.#observers.announce();
  }

  /** Removes a key. Returns whether it was there. Blocks and throws as `updateFromThread` does. */
  deleteFromThread(key: string, call: TimedThreadCall = {}): boolean {
    const deleted = this.#lock.withLock(() => this.#dictionary.delete(key), limited(call));
    this.#observers.announce();
    return deleted;
  }

  /** The state at one moment, a copy. Blocks and throws as `updateFromThread` does. */
  readFromThread(call: TimedThreadCall = {}): Map<string, Value> {
    return this.#lock.withLock(() => this.#dictionary.copy(), limited(call)).decode();
  }

  /** As `updateFromThread`, but waits without blocking: for event loops. Rejects with what that throws. */
  async update(key: string, next: NextValue<Value>, call: TimedCall = {}): Promise<void> {
    await this.#lock.withLockAsync(() => this.#set(key, next), limited(call));
    this.#observers.announce();
  }

  /** Removes a key. Fulfilled with whether it was there. */
  async delete(key: string, call: TimedCall = {}): Promise<boolean> {
    const deleted = await this.#lock.withLockAsync(() => this.#dictionary.delete(key), limited(call));
    this.#observers.announce();
    return deleted;
  }

  /** The state at one moment, copied. Waits without blocking. Rejects with WaitTimeout. */
  async read(call: TimedCall = {}): Promise<Map<string, Value>> {
    const copy = await this.#lock.withLockAsync(() => this.#dictionary.copy(), limited(call));
    return copy.decode();
  }

  /** The value of one key, copied; `undefined` if there is none. Waits without blocking. Rejects with WaitTimeout. */
  async get(key: string, call: TimedCall = {}): Promise<Value | undefined> {
    return this.#lock.withLockAsync(() => this.#dictionary.get(key), limited(call));
  }

  /**
   * Adds an observer. Fulfilled with a function that removes it. The observer is called on this agent's event loop at least
   * once after the last change of each key, and never under the lock. An observer keeps the event loop alive.
   *
   * What an observer throws goes to `onError`; the other observers are still called.
   */
  async onChange(observer: ChangeObserver, call: TimedCall = {}): Promise<() => void> {
    return this.#observers.add(observer, limited(call));
  }

  /**
   * Takes the lock from a handle whose agent has died, and repairs what it left half done. Returns whether it had the lock. If
   * not, there is nothing to do. Call it when a worker ends unexpectedly, with the `owner` that the worker sent you before.
   *
   * @param owner the `owner` of that handle. Its agent must have ended: otherwise two agents are under the lock.
   */
  recover(owner: number): boolean {
    const recovered = this.#lock.recover(owner, () => this.#dictionary.repair());
    if (recovered) this.#observers.announce();
    return recovered;
  }

  /** Removes all observers of this handle, so that the event loop can end. The state and other handles remain usable. */
  close(): void {
    this.#observers.close();
  }

  #set(key: string, next: NextValue<Value>): void {
    // Functions cannot be cloned, so no value is one.
    const make = next as (present: Value | undefined) => Value;
    this.#dictionary.set(key, typeof next === 'function' ? make(this.#dictionary.get(key)) : next);
  }
}

function rethrow(error: unknown): never {
  throw error;
}
