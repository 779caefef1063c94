import { BATONS, TURN } from './layout.js';

/** Hands the turn from one thread to another. Exactly one agent holds it at any time. */
export interface Turnstile {
  /** Gives the turn to another agent; the caller must `park` next and touch nothing shared before that returns. */
  pass(to: number): void;
  /** Returns when the turn has come to this agent. */
  park(): void;
}

/**
 * The turnstile of real threads: one futex word per agent.
 *
 * Spinning before the wait was measured to cost more than it saves as soon as agents outnumber idle cores, which they do
 * in an explorer pinned to one.
 */
export class FutexTurnstile implements Turnstile {
  readonly #words: Int32Array;
  readonly #baton: number;

  constructor(words: Int32Array, agent: number) {
    this.#words = words;
    this.#baton = BATONS + agent;
  }

  pass(to: number): void {
    this.#words[TURN] = to;
    Atomics.store(this.#words, BATONS + to, 1);
    Atomics.notify(this.#words, BATONS + to, 1);
  }

  park(): void {
    while (Atomics.exchange(this.#words, this.#baton, 0) === 0) Atomics.wait(this.#words, this.#baton, 0);
  }
}
