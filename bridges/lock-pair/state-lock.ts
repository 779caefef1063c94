import { isMainThread } from 'node:worker_threads';
import type { WaitOptions } from '../primitives/async-queue.js';
import { requireTimeout, WaitTimeout } from '../primitives/limit-errors.js';
import { holdLoop } from '../primitives/loop-hold.js';
import { ownedLock, ownedLockWords, type OwnedLock } from '../primitives/owned-lock.js';

/** The memory of a state lock: plain data. */
export type StateLockState = Int32Array<SharedArrayBuffer>;

const releasesWord = ownedLockWords;
const loopsWaitingWord = ownedLockWords + 1;
const words = ownedLockWords + 2;

interface WaitingSection {
  /** Runs the section and settles its promise. It never throws. */
  run(): void;
}

/** Makes the memory of a free lock, once, for all agents. */
export function createStateLock(): StateLockState {
  return new Int32Array(new SharedArrayBuffer(words * Int32Array.BYTES_PER_ELEMENT));
}

/**
 * One lock for threads and for coroutines. Threads block on it; coroutines wait for it without blocking their event loop. A
 * section is a synchronous function, so the lock is never held across an `await`, and no agent keeps it while its event loop
 * does something else.
 *
 * Coroutines of one handle wait together and are served together when the lock is free, in the order in which they came. There
 * is no order between agents.
 *
 * @example
 * const lock = new StateLock(createStateLock());
 * const answer = await lock.withLockAsync(() => 6 * 7, { timeoutMs: 1_000 });
 * assert.equal(answer, 42);
 */
export class StateLock {
  readonly #words: StateLockState;
  readonly #lock: OwnedLock;
  readonly #waiting = new Set<WaitingSection>();
  #pumping = false;
  #letLoopGo: (() => void) | undefined;

  /** @param state what `createStateLock` returned, on this agent or another; every agent makes one handle */
  constructor(state: StateLockState) {
    this.#words = state;
    this.#lock = ownedLock(state);
  }

  /** The number of this handle. Timeouts name it, and `recover` on another agent takes it. */
  get owner(): number {
    return this.#lock.owner;
  }

  /** How often the lock has been released, by any agent; a 32-bit integer that wraps around. */
  get releases(): number {
    return Atomics.load(this.#words, releasesWord);
  }

  /**
   * Runs a section while all others are kept out, and returns what it returns. Blocks the thread until it gets the lock.
   *
   * @param options `timeoutMs`: no timeout by default
   * @throws WaitTimeout if the lock was not free in time; what the section throws; Error on the main thread, whose event loop
   *   it would block, and within a section of this handle
   */
  withLock<Result>(section: () => Result, options: { readonly timeoutMs?: number | undefined } = {}): Result {
    const timeoutMs = requireTimeout(options.timeoutMs);
    if (isMainThread) {
      throw new Error('This would block the event loop of the main thread: use the asynchronous method here.');
    }
    const releases = this.releases;
    try {
      this.#lock.lock({ timeoutMs });
    } catch (error) {
      throw error instanceof WaitTimeout ? this.#timedOut(timeoutMs, releases, error) : error;
    }
    try {
      return section();
    } finally {
      this.#unlock();
    }
  }

  /**
   * Runs a section while all others are kept out, as soon as that is possible without blocking: at once, if the lock is free.
   * Fulfilled with what the section returns.
   *
   * Rejects with WaitTimeout if the lock was not free in time, with the reason of `signal` if that aborts first, and with what
   * the section throws.
   *
   * @param options `timeoutMs` and `signal`: none by default
   */
  async withLockAsync<Result>(section: () => Result, options: WaitOptions = {}): Promise<Result> {
    const timeoutMs = requireTimeout(options.timeoutMs);
    const { signal } = options;
    signal?.throwIfAborted();
    return new Promise<Result>((resolve, reject) => {
      const releases = this.releases;
      const leave = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', abort);
        this.#waiting.delete(waiting);
        if (this.#waiting.size > 0) return;
        this.#letLoopGo?.();
        this.#letLoopGo = undefined;
      };
      const giveUp = (error: Error): void => {
        leave();
        reject(error);
      };
      const abort = (): void => giveUp(signal?.reason as Error);
      const waiting: WaitingSection = {
        run: () => {
          leave();
          try {
            resolve(section());
          } catch (error) {
            giveUp(error as Error);
          }
        },
      };
      let timer: NodeJS.Timeout | undefined;
      this.#waiting.add(waiting);
      if (this.#serve()) return;
      if (timeoutMs !== Infinity) {
        timer = setTimeout(() => giveUp(this.#timedOut(timeoutMs, releases)), timeoutMs);
      }
      signal?.addEventListener('abort', abort, { once: true });
      this.#letLoopGo ??= holdLoop();
      if (!this.#pumping) void this.#pump();
    });
  }

  /**
   * Takes the lock from a handle whose agent has died, and releases it. Returns whether that handle had it.
   *
   * @param owner the `owner` of that handle. Its agent must have ended: otherwise two agents are under the lock
   * @param repair repairs what the dead agent may have left half done, while all others are still kept out
   */
  recover(owner: number, repair?: () => void): boolean {
    const recovered = this.#lock.recover(owner, repair);
    if (recovered) this.#released();
    return recovered;
  }

  /** If the lock is free, runs all sections that wait on this agent. */
  #serve(): boolean {
    if (!this.#lock.tryLock()) return false;
    try {
      for (const section of this.#waiting) section.run();
    } finally {
      this.#unlock();
    }
    return true;
  }

  /** Waits for the lock as long as a section waits for it here. */
  async #pump(): Promise<void> {
    this.#pumping = true;
    Atomics.add(this.#words, loopsWaitingWord, 1);
    while (this.#waiting.size > 0) {
      // The wait notices any release after this: the order of the two matters.
      const seen = this.releases;
      if (!this.#serve()) await Atomics.waitAsync(this.#words, releasesWord, seen).value;
    }
    Atomics.sub(this.#words, loopsWaitingWord, 1);
    this.#pumping = false;
  }

  #unlock(): void {
    this.#lock.unlock();
    this.#released();
  }

  #released(): void {
    Atomics.add(this.#words, releasesWord, 1);
    if (Atomics.load(this.#words, loopsWaitingWord) > 0) Atomics.notify(this.#words, releasesWord);
  }

  #timedOut(timeoutMs: number, releasesBefore: number, cause?: unknown): WaitTimeout {
    const holder = this.#lock.holder();
    const times = (this.releases - releasesBefore) | 0;
    const meanwhile =
      times === 0
        ? holder === 0
          ? 'the lock is free now, so this thread woke too late'
          : `handle ${holder} held the lock all that time; if its thread has died, recover(${holder}) frees it`
        : `others took the lock ${times} times meanwhile${holder === 0 ? '' : `, and handle ${holder} has it now`}`;
    return new WaitTimeout(
      `The state was not available within ${timeoutMs} ms: loop starvation? This is handle ${this.owner}; ${meanwhile}.`,
      {
        cause,
      },
    );
  }
}
