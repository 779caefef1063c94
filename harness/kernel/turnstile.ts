import { ANSWERS, BATONS, CALL } from './layout.js';

/** Hands the turn from one thread to another. Exactly one agent holds it at any time. */
export interface Turnstile {
  /** Gives the turn to an agent on another thread; the caller must `park` next and touch nothing shared before that returns. */
  pass(to: number): void;
  /** Returns when this agent has the turn. */
  park(): void;
}

const callTimeoutMs = 10_000;
const callAgainMs = 5;

/**
 * The turnstile of real threads: one futex word per agent.
 *
 * Spinning before the wait was measured to cost more than it saves as soon as agents outnumber idle cores, which they do
 * in an explorer pinned to one.
 */
export class FutexTurnstile implements Turnstile {
  readonly #words: Int32Array;
  readonly #baton: number;
  readonly #onCall: () => void;
  #answered: number;

  /** @param onCall what this agent does when another one calls all parked agents */
  constructor(words: Int32Array, agent: number, onCall: () => void = () => undefined) {
    this.#words = words;
    this.#baton = BATONS + agent;
    this.#onCall = onCall;
    this.#answered = Atomics.load(words, CALL);
  }

  pass(to: number): void {
    Atomics.store(this.#words, BATONS + to, 1);
    Atomics.notify(this.#words, BATONS + to, 1);
  }

  park(): void {
    while (Atomics.exchange(this.#words, this.#baton, 0) === 0) {
      if (this.#words[CALL] === this.#answered) Atomics.wait(this.#words, this.#baton, 0);
      else this.#answer();
    }
  }

  #answer(): void {
    this.#answered = Atomics.load(this.#words, CALL);
    this.#onCall();
    Atomics.add(this.#words, ANSWERS, 1);
    Atomics.notify(this.#words, ANSWERS);
  }

  /**
   * Makes all others, which are parked, do what they do when called, without giving the turn away. The caller holds it.
   * Returns when all have answered, or after 10 s.
   *
   * @param agents how many there are, the caller included, from 0
   */
  callOthers(agents: number): void {
    const words = this.#words;
    Atomics.store(words, ANSWERS, 0);
    this.#answered = Atomics.add(words, CALL, 1) + 1;
    const deadlineMs = performance.now() + callTimeoutMs;
    for (;;) {
      const answers = Atomics.load(words, ANSWERS);
      if (answers >= agents - 1 || performance.now() > deadlineMs) return;
      // Repeatedly: an agent that was just about to wait may have missed it.
      for (let agent = 0; agent < agents; agent++) Atomics.notify(words, BATONS + agent);
      Atomics.wait(words, ANSWERS, answers, callAgainMs);
    }
  }
}
