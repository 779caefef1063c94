import { requireTimeout, WaitTimeout } from './limit-errors.js';
import { holdLoop } from './loop-hold.js';

const free = 0;
/** Set beside the owner: others may be waiting, so unlocking must wake them. */
const contended = 2 ** 30;
const ownerMask = contended - 1;

const stateWord = 0;
const ownersWord = 1;
/** How many wait without blocking. One that dies while waiting stays counted, so that more are then woken than necessary. */
const loopsWaitingWord = 2;

/** Words of shared memory that one owned lock takes. They begin as 0. */
export const ownedLockWords = 3;

/** Mutual exclusion between agents, with a lock that knows its holder. */
export interface OwnedLock {
  /** This handle's number. Pass it to `recover` on another agent when this agent has died. */
  readonly owner: number;
  /** The owner of the lock; 0 if it is free. */
  holder(): number;
  /**
   * Waits until the lock is free, and takes it. Blocks the whole agent, its event loop included: for worker threads.
   *
   * @param options `timeoutMs`: no timeout by default
   * @throws WaitTimeout if the lock was not free in time; it names the holder
   * @throws Error if this handle already has it
   */
  lock(options?: { readonly timeoutMs?: number | undefined }): void;
  /** Takes the lock if it is free. Never blocks. Returns whether it did. */
  tryLock(): boolean;
  /** As `lock`, but waits without blocking: for event loops. Rejects with `WaitTimeout`. */
  lockAsync(options?: { readonly timeoutMs?: number | undefined }): Promise<void>;
  /**
   * Releases the lock.
   *
   * @throws Error if this handle does not have it
   */
  unlock(): void;
  /**
   * Takes the lock from an owner that has died, and releases it. The caller must repair what the dead agent left half done
   * before others see it; for this, `repair` runs while the lock is still held. Returns whether that owner had it. If several
   * agents recover the same owner, only one gets true, and only its `repair` runs.
   *
   * Call it for every agent that has died, whether or not it seems to have the lock. An agent that dies just as it is woken, or
   * before it wakes another, leaves the next ones asleep; this wakes them.
   *
   * @param owner the `owner` of the dead agent's handle, which the agent must have passed on before
   * @param repair synchronous. If it throws, this handle keeps the lock; its `unlock` releases it
   */
  recover(owner: number, repair?: () => void): boolean;
}

/**
 * A lock in three words of shared memory, which must begin as 0. Every agent makes its own handle. A coroutine that has to
 * exclude others on the same agent needs its own handle too.
 *
 * Unlike `mutex`, it supports waiting with a timeout and without blocking, only its holder can release it, and it can be taken
 * from a thread that died while holding it. Waiters are not served in order.
 *
 * @param words shared memory
 * @param index the first of the three words. Default 0
 * @throws TypeError if the memory is not shared
 *
 * @example
 * const words = new Int32Array(new SharedArrayBuffer(4 * ownedLockWords));
 * const lock = ownedLock(words);
 * await lock.lockAsync({ timeoutMs: 1_000 });
 * assert.equal(lock.holder(), lock.owner);
 *
 * // Another agent's handle, had it been made there.
 * const other = ownedLock(words);
 * assert.throws(() => other.lock({ timeoutMs: 1 }), WaitTimeout);
 * assert.throws(() => other.unlock(), /owner 1 has/);
 * assert.equal(other.recover(lock.owner), true);
 * assert.equal(lock.holder(), 0);
 */
export function ownedLock(words: Int32Array, index = 0): OwnedLock {
  const state = index + stateWord;
  const loopsWaiting = index + loopsWaitingWord;
  if (!(words.buffer instanceof SharedArrayBuffer)) {
    throw new TypeError('An owned lock needs words of shared memory: other threads must see them.');
  }
  const owner = Atomics.add(words, index + ownersWord, 1) + 1;
  if (owner >= contended) throw new RangeError(`An owned lock has at most ${contended - 1} handles.`);

  const holder = (): number => Atomics.load(words, state) & ownerMask;
  const tryLock = (): boolean => Atomics.compareExchange(words, state, free, owner) === free;

  /** One attempt. Returns the value to wait on, or `undefined` if the lock is ours now. */
  const attempt = (): number | undefined => {
    while (true) {
      const found = Atomics.load(words, state);
      if (found === free) {
        // A waiter that gets it leaves it marked as contended, since others may still be asleep.
        if (Atomics.compareExchange(words, state, free, owner | contended) === free) return undefined;
        continue;
      }
      if ((found & ownerMask) === owner) throw new Error('This handle already has the lock, which is not reentrant.');
      const marked = found | contended;
      if (found === marked || Atomics.compareExchange(words, state, found, marked) === found) return marked;
    }
  };
  const timedOut = (timeoutMs: number, seen: number): WaitTimeout =>
    new WaitTimeout(`The lock was not free within ${timeoutMs} ms: owner ${seen & ownerMask} has it.`);
  /** Changes the lock's owner, even if others set marks in the meantime. Returns what it found, changed if the owner was `from`. */
  const passOn = (from: number, to: number): number => {
    while (true) {
      const found = Atomics.load(words, state);
      if ((found & ownerMask) !== from || Atomics.compareExchange(words, state, found, to) === found) return found;
    }
  };
  const wake = (): void => {
    // A woken loop may be busy for a long time before it looks, and no thread should wait for that.
    Atomics.notify(words, state, Atomics.load(words, loopsWaiting) > 0 ? Infinity : 1);
  };

  return {
    owner,
    holder,
    tryLock,
    lock: (options) => {
      const timeoutMs = requireTimeout(options?.timeoutMs);
      if (tryLock()) return;
      const deadlineMs = timeoutMs === Infinity ? Infinity : performance.now() + timeoutMs;
      while (true) {
        const seen = attempt();
        if (seen === undefined) return;
        const leftMs = deadlineMs === Infinity ? Infinity : deadlineMs - performance.now();
        if (leftMs <= 0) throw timedOut(timeoutMs, seen);
        Atomics.wait(words, state, seen, leftMs);
      }
    },
    lockAsync: async (options) => {
      const timeoutMs = requireTimeout(options?.timeoutMs);
      if (tryLock()) return;
      const deadlineMs = timeoutMs === Infinity ? Infinity : performance.now() + timeoutMs;
      const release = holdLoop();
      Atomics.add(words, loopsWaiting, 1);
      try {
        while (true) {
          const seen = attempt();
          if (seen === undefined) return;
          const leftMs = deadlineMs === Infinity ? Infinity : deadlineMs - performance.now();
          if (leftMs <= 0) throw timedOut(timeoutMs, seen);
          await Atomics.waitAsync(words, state, seen, leftMs).value;
        }
      } finally {
        Atomics.sub(words, loopsWaiting, 1);
        release();
      }
    },
    unlock: () => {
      const found = passOn(owner, free);
      if (found === free) throw new Error('unlock() of a lock that is not locked.');
      const before = found & ownerMask;
      if (before !== owner) throw new Error(`unlock() of a lock that owner ${before} has, not this one (${owner}).`);
      if ((found & contended) !== 0) wake();
    },
    recover: (dead, repair) => {
      const hadIt = dead !== free && (passOn(dead, owner | contended) & ownerMask) === dead;
      if (hadIt) {
        repair?.();
        passOn(owner, free);
      }
      // Not just one, as when unlocking: others may have died with this one, asleep or just woken.
      Atomics.notify(words, state);
      return hadIt;
    },
  };
}
