import * as at from './layout.js';
import { LimitExceeded } from './limit-exceeded.js';
import type { KernelMemory } from './layout.js';

/** One agent waiting for one location. */
export interface Waiter {
  readonly agent: number;
  /** 0 for Atomics.wait, otherwise the number that its agent gave to this asynchronous wait. */
  readonly asyncId: number;
}

/** Used in place of the buffer for a wait that is over; real buffers count from 1. */
const settledBuffer = -1;

/**
 * The WaiterLists of ECMAScript's memory model (sec-waiterlist-records), all in one table ordered by arrival: notify
 * takes the waiters of its location first come, first served.
 */
export class WaiterQueue {
  readonly #words: Int32Array;
  readonly #numbers: Float64Array;

  constructor(memory: KernelMemory) {
    this.#words = memory.words;
    this.#numbers = memory.numbers;
  }

  get length(): number {
    return this.#words[at.WAITER_COUNT]!;
  }

  /** Appends a waiter. Throws a RangeError above `maximumWaiters`. */
  add(agent: number, buffer: number, byteIndex: number, asyncId: number, deadlineMs: number): void {
    const count = this.length;
    if (count >= at.maximumWaiters) {
      throw new LimitExceeded(`more than ${at.maximumWaiters} agents and promises wait in Atomics.wait and waitAsync`);
    }
    const row = at.WAITERS + count * at.waiterWords;
    this.#words[row] = agent;
    this.#words[row + 1] = buffer;
    this.#words[row + 2] = byteIndex;
    this.#words[row + 3] = asyncId;
    this.#numbers[at.WAITER_DEADLINES + count] = asyncId === 0 ? Infinity : deadlineMs;
    this.#words[at.WAITER_COUNT] = count + 1;
  }

  #removeAt(index: number): void {
    const count = this.length;
    const row = at.WAITERS + index * at.waiterWords;
    this.#words.copyWithin(row, row + at.waiterWords, at.WAITERS + count * at.waiterWords);
    this.#numbers.copyWithin(at.WAITER_DEADLINES + index, at.WAITER_DEADLINES + index + 1, at.WAITER_DEADLINES + count);
    this.#words[at.WAITER_COUNT] = count - 1;
  }

  /** Removes an agent's waiter, by its async id (0: the agent itself). Returns whether it was there. */
  remove(agent: number, asyncId: number): boolean {
    for (let index = 0; index < this.length; index++) {
      const row = at.WAITERS + index * at.waiterWords;
      if (this.#words[row] !== agent || this.#words[row + 3] !== asyncId) continue;
      this.#removeAt(index);
      return true;
    }
    return false;
  }

  /** Removes everything that an agent waits for, itself or by promises. */
  removeAll(agent: number): void {
    for (let index = this.length - 1; index >= 0; index--)
      if (this.#words[at.WAITERS + index * at.waiterWords] === agent) this.#removeAt(index);
  }

  /** Removes up to `count` waiters of a location, the longest waiting first. */
  take(buffer: number, byteIndex: number, count: number): Waiter[] {
    const taken: Waiter[] = [];
    for (let index = 0; index < this.length && taken.length < count;) {
      const row = at.WAITERS + index * at.waiterWords;
      if (this.#words[row + 1] === buffer && this.#words[row + 2] === byteIndex) {
        taken.push({ agent: this.#words[row]!, asyncId: this.#words[row + 3]! });
        this.#removeAt(index);
      } else {
        index++;
      }
    }
    return taken;
  }

  /** When the soonest asynchronous wait of an agent times out; Infinity if none does. */
  asyncDeadlineOf(agent: number): number {
    let soonest = Infinity;
    for (let index = 0; index < this.length; index++) {
      if (this.#words[at.WAITERS + index * at.waiterWords] !== agent) continue;
      soonest = Math.min(soonest, this.#numbers[at.WAITER_DEADLINES + index]!);
    }
    return soonest;
  }

  /** Whether the agent's asynchronous wait of this id will end by itself. */
  isTimed(agent: number, asyncId: number): boolean {
    for (let index = 0; index < this.length; index++) {
      const row = at.WAITERS + index * at.waiterWords;
      if (this.#words[row] === agent && this.#words[row + 3] === asyncId) {
        return this.#numbers[at.WAITER_DEADLINES + index]! < Infinity;
      }
    }
    return false;
  }

  /** Removes the agent's soonest asynchronous wait that is due by `nowMs`. Returns its id, or 0. */
  takeDue(agent: number, nowMs: number): number {
    let soonest = Infinity;
    let found = -1;
    for (let index = 0; index < this.length; index++) {
      if (this.#words[at.WAITERS + index * at.waiterWords] !== agent) continue;
      const deadline = this.#numbers[at.WAITER_DEADLINES + index]!;
      if (deadline > nowMs || deadline >= soonest) continue;
      soonest = deadline;
      found = index;
    }
    if (found === -1) return 0;
    const asyncId = this.#words[at.WAITERS + found * at.waiterWords + 3]!;
    this.#removeAt(found);
    return asyncId;
  }

  /** Keeps an asynchronous wait that has been notified until its agent's event loop settles the promise. */
  addSettled(agent: number, asyncId: number): void {
    this.add(agent, settledBuffer, 0, asyncId, Infinity);
  }

  /** Whether a promise of the agent is ready to be settled. */
  hasSettled(agent: number): boolean {
    return this.#findSettled(agent) !== -1;
  }

  /** Removes the agent's promise that was notified first. Returns its async id, or 0. */
  takeSettled(agent: number): number {
    const found = this.#findSettled(agent);
    if (found === -1) return 0;
    const asyncId = this.#words[at.WAITERS + found * at.waiterWords + 3]!;
    this.#removeAt(found);
    return asyncId;
  }

  #findSettled(agent: number): number {
    for (let index = 0; index < this.length; index++) {
      const row = at.WAITERS + index * at.waiterWords;
      if (this.#words[row] === agent && this.#words[row + 1] === settledBuffer) return index;
    }
    return -1;
  }

  /** Where an agent waits in Atomics.wait: buffer and byte index. */
  locationOf(agent: number): { readonly buffer: number; readonly byteIndex: number } | undefined {
    for (let index = 0; index < this.length; index++) {
      const row = at.WAITERS + index * at.waiterWords;
      if (this.#words[row] === agent && this.#words[row + 3] === 0) {
        return { buffer: this.#words[row + 1]!, byteIndex: this.#words[row + 2]! };
      }
    }
    return undefined;
  }
}
