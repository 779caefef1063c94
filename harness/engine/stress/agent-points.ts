import { AnnouncedCall } from '../../instrument/announced-call.js';
import type { Points, View, WaitableView } from '../../instrument/points.js';
import { operationCodes } from '../../kernel/operations.js';
import type { Amplifier } from './amplifier.js';
import { agentWord, POINTS, SITE, WAITING, waitStates } from './layout.js';
import type { PendingTimers } from './pending-timers.js';

type AsyncWait =
  { async: false; value: 'not-equal' | 'timed-out' } | { async: true; value: Promise<'ok' | 'timed-out'> };

/** The real Atomics, typed for the views they wait on. */
interface RealAtomics {
  wait(view: WaitableView, index: number, value: number | bigint, timeout: number): 'ok' | 'not-equal' | 'timed-out';
  waitAsync(view: WaitableView, index: number, value: number | bigint, timeout: number): AsyncWait;
  notify(view: WaitableView, index: number, count: number): number;
}

const real = Atomics as unknown as RealAtomics;

/** The points of one agent that runs in parallel with all others: there it is disturbed, and reports its position. */
export class StressPoints extends AnnouncedCall implements Points {
  live = false;
  /** Time spent in Atomics.wait during this execution. */
  waitedMs = 0;
  longestWaitMs = 0;
  /** How often this agent really had to wait there. */
  waits = 0;
  readonly #words: Int32Array;
  readonly #amplifier: Amplifier | undefined;
  readonly #timers: PendingTimers;
  readonly #siteWord: number;
  readonly #pointsWord: number;
  readonly #waitingWord: number;

  /** @param amplifier absent if agents should not be disturbed */
  constructor(words: Int32Array, agent: number, amplifier: Amplifier | undefined, timers: PendingTimers) {
    super();
    this.#words = words;
    this.#amplifier = amplifier;
    this.#timers = timers;
    this.#siteWord = agentWord(agent, SITE);
    this.#pointsWord = agentWord(agent, POINTS);
    this.#waitingWord = agentWord(agent, WAITING);
  }

  /** Forgets the last execution. */
  begin(): void {
    this.forgetCall();
    this.waitedMs = 0;
    this.longestWaitMs = 0;
    this.waits = 0;
    this.#words[this.#siteWord] = 0;
  }

  /** Searching for it would take too long, compared to what threads do meanwhile. */
  protected override findPlace(): number {
    return 0;
  }

  point(site: number): void {
    if (!this.live) return;
    // Plain stores: the watchdog may see them a little late.
    this.#words[this.#siteWord] = site;
    this.#words[this.#pointsWord] = this.#words[this.#pointsWord]! + 1;
    this.#amplifier?.disturb(site);
  }

  record(operation: number, site: number, _view: View, _byteOffset: number, _value: number | bigint): void {
    if (this.live) this.#amplifier?.saw(operation, site);
  }

  wait(
    site: number,
    view: WaitableView,
    index: number,
    value: number | bigint,
    timeoutMs: number,
  ): 'ok' | 'not-equal' | 'timed-out' {
    this.point(site);
    this.#amplifier?.saw(operationCodes['Atomics.wait'], site);
    this.#words[this.#waitingWord] = timeoutMs === Infinity ? waitStates.forEver : waitStates.forATime;
    const startedAtMs = performance.now();
    try {
      const result = real.wait(view, index, value, timeoutMs);
      if (result !== 'not-equal') this.waits++;
      return result;
    } finally {
      const elapsedMs = performance.now() - startedAtMs;
      this.#words[this.#waitingWord] = waitStates.none;
      this.waitedMs += elapsedMs;
      if (elapsedMs > this.longestWaitMs) this.longestWaitMs = elapsedMs;
    }
  }

  waitAsync(site: number, view: WaitableView, index: number, value: number | bigint, timeoutMs: number): AsyncWait {
    this.point(site);
    const result = real.waitAsync(view, index, value, timeoutMs);
    if (result.async) {
      // Waiting like this does not keep Node's event loop alive, and a wait with a timeout is not a deadlock.
      const done = this.#timers.hold(timeoutMs !== Infinity);
      void result.value.then(done, done);
    }
    return result;
  }

  notify(site: number, view: WaitableView, index: number, count: number): number {
    this.point(site);
    this.#amplifier?.saw(operationCodes['Atomics.notify'], site);
    return real.notify(view, index, count);
  }
}
