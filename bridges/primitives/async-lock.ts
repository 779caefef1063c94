/**
 * A lock for the coroutines of one agent, like asyncio.Lock: first come, first served, and any of them may release it.
 *
 * It lives in the memory of its agent. A worker that imports the same module has another lock, which excludes no agent here.
 *
 * @example
 * const lock = new AsyncLock();
 * await lock.acquire();
 * assert.equal(lock.locked, true);
 * const patience = new AbortController();
 * const second = lock.acquire(patience.signal);
 * patience.abort();
 * await assert.rejects(second, { name: 'AbortError' });
 * lock.release();
 * assert.equal(lock.locked, false);
 */
export class AsyncLock {
  #locked = false;
  readonly #waiting: (() => void)[] = [];

  /** Whether the lock is taken. */
  get locked(): boolean {
    return this.#locked;
  }

  /**
   * Waits until the lock is free, and takes it.
   *
   * @param signal gives up waiting when it aborts: the promise is rejected with the signal's reason, and the lock not taken. If
   *   it aborts after the lock has been handed over, it is too late: the lock is taken, and must be released
   */
  async acquire(signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    if (!this.#locked) {
      this.#locked = true;
      return;
    }
    await new Promise<void>((resolve, reject) => {
      const take = (): void => {
        signal?.removeEventListener('abort', giveUp);
        resolve();
      };
      const giveUp = (): void => {
        const place = this.#waiting.indexOf(take);
        if (place < 0) return;
        this.#waiting.splice(place, 1);
        reject(signal?.reason as Error);
      };
      this.#waiting.push(take);
      signal?.addEventListener('abort', giveUp, { once: true });
    });
  }

  /**
   * Releases the lock to the next waiter.
   *
   * @throws Error if the lock is not locked. As in asyncio, it does not matter who locked it.
   */
  release(): void {
    if (!this.#locked) throw new Error('release() of a lock that is not locked.');
    const next = this.#waiting.shift();
    if (next === undefined) this.#locked = false;
    else next();
  }
}
