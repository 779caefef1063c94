import { roundsSince, type Rounds } from './rounds.js';

/** A timer as made by Node's setTimeout and setInterval. Times are virtual milliseconds. */
export interface Timer {
  readonly number: number;
  readonly site: number;
  readonly callback: () => void;
  /** Absent for a timeout. */
  readonly intervalMs: number | undefined;
  readonly delayMs: number;
  deadlineMs: number;
  /** Orders timers of the same deadline by when they were set. */
  sequence: number;
  /** Whether it would keep a Node process alive. */
  referenced: boolean;
  /** Whether it is waiting to fire. */
  pending: boolean;
  /** Whether it was cleared: it will never fire again, whatever is done to it. */
  cleared: boolean;
  /** How often the tasks that set it had looped. */
  rounds: Rounds;
}

/** The timers of one event loop, in the order in which they fire: by deadline, then by when they were set. */
export class TimerQueue {
  readonly #timers: Timer[] = [];
  #sequence = 0;

  reset(): void {
    this.#timers.length = 0;
    this.#sequence = 0;
  }

  add(timer: Timer): void {
    timer.sequence = this.#sequence++;
    timer.pending = true;
    let place = this.#timers.length;
    while (place > 0 && (this.#timers[place - 1]?.deadlineMs ?? 0) > timer.deadlineMs) place--;
    this.#timers.splice(place, 0, timer);
  }

  remove(timer: Timer): void {
    timer.pending = false;
    const place = this.#timers.indexOf(timer);
    if (place !== -1) this.#timers.splice(place, 1);
  }

  /** Sets the timer again, after those already set for the same deadline. */
  reschedule(timer: Timer, deadlineMs: number): void {
    this.remove(timer);
    timer.deadlineMs = deadlineMs;
    this.add(timer);
  }

  /** Removes the first timer that is due at `nowMs`. */
  takeDue(nowMs: number): Timer | undefined {
    const first = this.#timers[0];
    if (first === undefined || first.deadlineMs > nowMs) return undefined;
    this.#timers.shift();
    first.pending = false;
    return first;
  }

  /** Infinity if there is none. */
  nextDeadline(): number {
    return this.#timers[0]?.deadlineMs ?? Infinity;
  }

  /** Like `nextDeadline`, for timers that end by themselves and keep a process alive: timeouts that were not unreferenced. */
  nextKeepAliveDeadline(): number {
    return this.#timers.find((timer) => timer.referenced && timer.intervalMs === undefined)?.deadlineMs ?? Infinity;
  }

  /** Whether some timer would keep a process alive. */
  get hasReferenced(): boolean {
    return this.#timers.some((timer) => timer.referenced);
  }

  find(number: number): Timer | undefined {
    return this.#timers.find((timer) => timer.number === number);
  }

  /** How often the least busy chain of tasks that will continue with one of these timers has looped since some news. */
  leastRounds(news: number): number {
    let least = Infinity;
    for (const timer of this.#timers) least = Math.min(least, roundsSince(timer.rounds, news));
    return least;
  }
}
