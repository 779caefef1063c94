const free = 0;
const locked = 1;
/** Locked, and others may be waiting: unlocking must wake one. */
const contended = 2;

/** Mutual exclusion between agents. */
export interface Mutex {
  /** Waits until the mutex is free, and takes it. Blocks the whole agent, its event loop included. */
  lock(): void;
  /**
   * Releases the mutex.
   *
   * @throws Error if it is not locked
   */
  unlock(): void;
  /** Runs `section` while holding the mutex, and releases it even if `section` throws. */
  withLock<Result>(section: () => Result): Result;
}

/**
 * A mutex in one word of shared memory, which must begin as 0 and have no other use. Every agent makes its own
 * handle on the same word.
 *
 * It is not reentrant and does not know its holder. Code that awaits while holding it permanently stops every coroutine of its
 * agent that wants it too. Do not await inside `withLock`.
 *
 * @param words shared memory
 * @param index the index of the word. Default 0
 *
 * @example
 * const words = new Int32Array(new SharedArrayBuffer(8));
 * const guard = mutex(words, 1);
 * guard.withLock(() => {
 *   words[0]! += 1;
 * });
 * assert.equal(words[0], 1);
 */
export function mutex(words: Int32Array, index = 0): Mutex {
  const lock = (): void => {
    if (Atomics.compareExchange(words, index, free, locked) === free) return;
    // A waiter that is woken knows only that the mutex was released: another may have taken it since, so ask again. A waiter
    // that gets it here leaves it marked as contended, since others may still be asleep.
    while (Atomics.exchange(words, index, contended) !== free) Atomics.wait(words, index, contended);
  };
  const unlock = (): void => {
    const before = Atomics.exchange(words, index, free);
    if (before === free) throw new Error('unlock() of a mutex that is not locked.');
    if (before === contended) Atomics.notify(words, index, 1);
  };
  return {
    lock,
    unlock,
    withLock: (section) => {
      lock();
      try {
        return section();
      } finally {
        unlock();
      }
    },
  };
}
