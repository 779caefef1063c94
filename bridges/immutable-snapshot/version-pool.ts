import { StateLock, createStateLock, type StateLockState } from '../lock-pair/state-lock.js';
import type { WaitOptions } from '../primitives/async-queue.js';
import { requireSize, requireTimeout, WaitTimeout } from '../primitives/limit-errors.js';
import { holdLoop } from '../primitives/loop-hold.js';

/** The memory that says which version is current, and which are being read: plain data. */
export interface VersionPoolState {
  readonly slots: number;
  /**
   * First the current slot, with how often it has been pinned since it became current. Then one word for each slot: 0 if it is
   * free for writing; the number of pins left if it was replaced; `current` minus the pins released if it was not.
   */
  readonly pins: BigInt64Array<SharedArrayBuffer>;
  /** How often a slot has become free, and how many writers wait for a free slot. */
  readonly freed: Int32Array<SharedArrayBuffer>;
  readonly lock: StateLockState;
}

/** A version that does not change until it is released. */
export interface PinnedVersion {
  readonly slot: number;
  /** Releases the version; its slot may then be written. Further calls do nothing. */
  release(): void;
}

const currentWord = 0;
const firstSlot = 1;
/** How many pins of one version the current word can count: at 10 million a second, enough for most of a year. */
const slotShift = 48n;
/** More than there can be pins: marks the slot that is current, or was a moment ago. */
const current = 2n ** 60n;

const freedWord = 0;
const waitingWord = 1;

/**
 * Makes the memory of a pool of slots, once, for all agents. Slot 0 is the current one.
 *
 * @param slots 3 to 1,024: one is current, one is being written, and each of the others lets readers hold on to one more
 *   version before writers have to wait
 * @throws RangeError if there are fewer or more
 */
export function createVersionPool(slots: number): VersionPoolState {
  requireSize('versions', slots, 3, 1_024);
  const pins = new BigInt64Array(new SharedArrayBuffer((firstSlot + slots) * BigInt64Array.BYTES_PER_ELEMENT));
  pins[firstSlot] = current;
  const freed = new Int32Array(new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT));
  return { slots, pins, freed, lock: createStateLock() };
}

/**
 * Which of several slots of memory is the current version, which are still being read, and which may be written. The contents
 * of the slots are up to the user of the pool.
 *
 * A reader pins the current version by adding one to the word that names it. That one operation says which version it is and
 * keeps it from being reused, so there is nothing to check afterwards and no retry: a reader takes the same few steps whatever
 * the writers do. The writer that replaces the version moves the pins it found there to the slot's own word. Each released pin
 * is subtracted from that word; when none is left the slot is free.
 *
 * @example
 * const pool = new VersionPool(createVersionPool(3));
 * const memory = ['first', 'second', 'third'];
 * const pinned = pool.pin();
 * await pool.publish((from, to) => (memory[to] = `${memory[from]} and more`));
 * assert.equal(memory[pinned.slot], 'first');
 * assert.equal(pool.read((slot) => memory[slot]), 'first and more');
 * pinned.release();
 */
export class VersionPool {
  readonly #slots: number;
  readonly #pins: BigInt64Array<SharedArrayBuffer>;
  readonly #freed: Int32Array<SharedArrayBuffer>;
  readonly #lock: StateLock;

  /** @param state what `createVersionPool` returned, on this agent or another; every agent makes one handle */
  constructor(state: VersionPoolState) {
    this.#slots = state.slots;
    this.#pins = state.pins;
    this.#freed = state.freed;
    this.#lock = new StateLock(state.lock);
  }

  /** The number of this handle. Timeouts name it, and `recover` on another agent takes it. */
  get owner(): number {
    return this.#lock.owner;
  }

  /** Slots that a writer could write now. */
  get free(): number {
    return this.#slotNumbers().filter((slot) => this.#isFree(slot)).length;
  }

  /** Keeps the current version unchanged until it is released. Never waits. */
  pin(): PinnedVersion {
    const slot = slotOf(Atomics.add(this.#pins, currentWord, 1n));
    let pinned = true;
    return {
      slot,
      release: () => {
        if (pinned) this.#unpin(slot);
        pinned = false;
      },
    };
  }

  /** Passes the current version to `look`. The version does not change during the call. Never waits. Returns what `look` returns. */
  read<Result>(look: (slot: number) => Result): Result {
    const slot = slotOf(Atomics.add(this.#pins, currentWord, 1n));
    try {
      return look(slot);
    } finally {
      this.#unpin(slot);
    }
  }

  /**
   * Makes the next version, while no other writer does. Blocks the thread until it has its turn and a slot is free.
   *
   * @param make writes the next version into slot `to`; slot `from` has the present one. If it throws, nothing changes.
   * @param options `timeoutMs`: no timeout by default
   * @throws WaitTimeout; Error on the main thread, and within `make`
   */
  publishFromThread<Result>(
    make: (from: number, to: number) => Result,
    options: { readonly timeoutMs?: number | undefined } = {},
  ): Result {
    const timeoutMs = requireTimeout(options.timeoutMs);
    const deadlineMs = timeoutMs === Infinity ? Infinity : performance.now() + timeoutMs;
    let leftMs = timeoutMs;
    let waiting = false;
    try {
      while (!waiting || leftMs > 0) {
        const seen = Atomics.load(this.#freed, freedWord);
        const made = this.#lock.withLock(() => this.#tryPublish(make), { timeoutMs: leftMs });
        if (made !== undefined) return made.result;
        if (waiting) {
          Atomics.wait(this.#freed, freedWord, seen, leftMs);
        } else {
          // Slots that become free are only announced if a writer waits. So announce the wait first, and then look again.
          waiting = true;
          Atomics.add(this.#freed, waitingWord, 1);
        }
        if (deadlineMs !== Infinity) leftMs = Math.max(0, deadlineMs - performance.now());
      }
    } catch (error) {
      throw waiting && error instanceof WaitTimeout ? this.#noneFree(timeoutMs, error) : error;
    } finally {
      if (waiting) Atomics.sub(this.#freed, waitingWord, 1);
    }
    throw this.#noneFree(timeoutMs);
  }

  /** As `publishFromThread`, but waits without blocking: for event loops. Rejects with what that throws. */
  async publish<Result>(make: (from: number, to: number) => Result, options: WaitOptions = {}): Promise<Result> {
    const timeoutMs = requireTimeout(options.timeoutMs);
    const deadlineMs = timeoutMs === Infinity ? Infinity : performance.now() + timeoutMs;
    let leftMs = timeoutMs;
    let letLoopGo: (() => void) | undefined;
    try {
      while (letLoopGo === undefined || leftMs > 0) {
        const seen = Atomics.load(this.#freed, freedWord);
        const made = await this.#lock.withLockAsync(() => this.#tryPublish(make), { ...options, timeoutMs: leftMs });
        if (made !== undefined) return made.result;
        if (letLoopGo !== undefined) {
          await abortable(Atomics.waitAsync(this.#freed, freedWord, seen, leftMs).value, options.signal);
        } else {
          letLoopGo = holdLoop();
          Atomics.add(this.#freed, waitingWord, 1);
        }
        if (deadlineMs !== Infinity) leftMs = Math.max(0, deadlineMs - performance.now());
      }
    } catch (error) {
      throw letLoopGo !== undefined && error instanceof WaitTimeout ? this.#noneFree(timeoutMs, error) : error;
    } finally {
      if (letLoopGo !== undefined) Atomics.sub(this.#freed, waitingWord, 1);
      letLoopGo?.();
    }
    throw this.#noneFree(timeoutMs);
  }

  /**
   * Lets other writers write again after a writer's agent has died while it wrote. Returns whether it was writing. What it
   * wrote is never seen, or is the current version.
   *
   * If it died within the few steps that replace the version, the pool has one slot less afterwards. The same is true after a
   * reader has died with a version pinned, because the pool cannot know that it no longer reads.
   *
   * @param owner the `owner` of that handle. Its agent must have ended.
   */
  recover(owner: number): boolean {
    return this.#lock.recover(owner);
  }

  #tryPublish<Result>(make: (from: number, to: number) => Result): { readonly result: Result } | undefined {
    const from = slotOf(Atomics.load(this.#pins, currentWord));
    // A slot that is free stays free: readers only pin the current one, and writers are kept out.
    const to = this.#slotNumbers().find((slot) => this.#isFree(slot));
    if (to === undefined) return undefined;
    const result = make(from, to);
    Atomics.store(this.#pins, firstSlot + to, current);
    const taken = pinsOf(Atomics.exchange(this.#pins, currentWord, BigInt(to) << slotShift));
    const left = Atomics.add(this.#pins, firstSlot + from, taken - current) + taken - current;
    if (left === 0n) this.#announceFree();
    return { result };
  }

  #unpin(slot: number): void {
    if (Atomics.sub(this.#pins, firstSlot + slot, 1n) === 1n) this.#announceFree();
  }

  #announceFree(): void {
    if (Atomics.load(this.#freed, waitingWord) === 0) return;
    Atomics.add(this.#freed, freedWord, 1);
    Atomics.notify(this.#freed, freedWord);
  }

  #isFree(slot: number): boolean {
    return Atomics.load(this.#pins, firstSlot + slot) === 0n;
  }

  #slotNumbers(): number[] {
    return Array.from({ length: this.#slots }, (_, slot) => slot);
  }

  #noneFree(timeoutMs: number, cause?: unknown): WaitTimeout {
    return new WaitTimeout(
      `None of the ${this.#slots} versions could be written within ${timeoutMs} ms: one is current, and readers have ` +
        'not released the others.',
      { cause },
    );
  }
}

function slotOf(word: bigint): number {
  return Number(word >> slotShift);
}

function pinsOf(word: bigint): bigint {
  return BigInt.asUintN(Number(slotShift), word);
}

/** The promise, unless the signal aborts first. */
async function abortable(promise: Promise<unknown> | string, signal: AbortSignal | undefined): Promise<void> {
  if (signal === undefined) {
    await promise;
    return;
  }
  signal.throwIfAborted();
  const aborted = new AbortController();
  try {
    await Promise.race([
      promise,
      new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason as Error), { signal: aborted.signal });
      }),
    ]);
  } finally {
    aborted.abort();
  }
}
