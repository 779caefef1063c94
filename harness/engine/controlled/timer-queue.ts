import { roundsSince, type Rounds } from './rounds.js';

/** A timer as Node's setTimeout and setInterval make them. Times are virtual milliseconds. */
export interface Timer {
  readonly number: number;
  readonly site: number;
  readonly callback: () => void;
  /** Absent for a time-out. */
  readonly intervalMs: number | undefined;
  readonly delayMs: number;
  deadlineMs: number;
  /** Orders timers of one deadline by when they were set. */
  sequence: number;
  /** Whether it would keep a Node process alive. */
  referenced: boolean;
  /** Whether it waits to fire. */
  pending: boolean;
  /** Whether it was taken back: it will never fire again, whatever is done to it. */
  cleared: boolean;
  /** How often the tasks that led to its setting had gone round. */
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

  /** Sets the timer again, behind those already set for the same deadline. */
  reschedule(timer: Timer, deadlineMs: number): void {
    this.remove(timer);
    timer.deadlineMs = deadlineMs;
    this.add(timer);
  }

  /** Takes the first timer that is due at `nowMs` out. */
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

  /** As `nextDeadline`, of those that end by themselves and keep a process alive: time-outs that were not unreferenced. */
  nextKeepAliveDeadline(): number {
    return this.#timers.find((timer) => timer.referenced && timer.intervalMs === undefined)?.deadlineMs ?? Infinity;
  }

  find(number: number): Timer | undefined {
    return this.#timers.find((timer) => timer.number === number);
  }

  /** How often the least busy chain of tasks that will go on with one of these timers has gone round since some news. */
  leastRounds(news: number): number {
    let least = Infinity;
    for (const timer of this.#timers) least = Math.min(least, roundsSince(timer.rounds, news));
    return least;
  }
}
