import * as at from '../../kernel/layout.js';
import { FutexTurnstile } from '../../kernel/turnstile.js';
import { collectGarbage } from '../collect-garbage.js';
import { accountedMiB, residentMiB } from '../memory-use.js';

/** Within this time after a measurement, executions use that measurement: they cannot have left much memory in use. */
const measureAgainMs = 20;
/** What earlier executions may leave uncollected, as a share of the limit. */
const garbageShare = 1 / 4;
/** Collecting between executions takes at most one part in this many of the time, unless it is urgent. */
const collectionPause = 20;

/** Never notified. */
const nothing = new Int32Array(new SharedArrayBuffer(4));

/**
 * Measures what executions use, in the agent that holds the turn: the memory of the process, minus what it had before the
 * execution. Garbage is collected in the heaps of all agents before an execution is blamed.
 */
export class MemoryMeasure {
  readonly turnstile: FutexTurnstile;
  readonly #words: Int32Array;
  readonly #letGo: () => void;
  /** What this agent itself holds apart from what executions make, such as modules. */
  #ownMiB = accountedMiB();
  /** The memory in use after the last collection, or when the scenario was loaded. */
  #cleanMiB = 0;
  #measuredAtMs = -Infinity;
  #mayCollectFromMs = 0;

  /** @param letGo releases what the agent no longer needs */
  constructor(words: Int32Array, agent: number, letGo: () => void) {
    this.#words = words;
    this.#letGo = letGo;
    this.turnstile = new FutexTurnstile(words, agent, () => {
      this.#answer();
    });
  }

  #answer(): void {
    this.#letGo();
    collectGarbage();
    Atomics.add(this.#words, at.MEMORY_LIVE, Math.max(0, accountedMiB() - this.#ownMiB));
  }

  /** Treats the memory in use now as what the harness needs. */
  rebase(): void {
    this.#cleanMiB = residentMiB();
    this.#words[at.MEMORY_BASE] = this.#cleanMiB;
    this.#measuredAtMs = -Infinity;
  }

  /** Modules were loaded, which every execution uses. */
  ownsMore(): void {
    this.#ownMiB = Math.max(this.#ownMiB, accountedMiB());
  }

  /** Workers were started: the memory they take belongs to the harness. */
  allowForThreads(residentBeforeMiB: number): void {
    this.#cleanMiB += Math.max(0, residentMiB() - residentBeforeMiB);
    this.#measuredAtMs = -Infinity;
  }

  /** An execution is about to begin: memory already in use does not count for it. Collects if there is much. */
  beginExecution(): void {
    const nowMs = performance.now();
    if (nowMs - this.#measuredAtMs < measureAgainMs) return;
    const limitMiB = this.#words[at.MEMORY_LIMIT]!;
    let residentNowMiB = residentMiB();
    const leftMiB = residentNowMiB - this.#cleanMiB;
    if (leftMiB > limitMiB || (leftMiB > limitMiB * garbageShare && nowMs >= this.#mayCollectFromMs)) {
      this.#collectEverywhere();
      this.#mayCollectFromMs = performance.now() + (performance.now() - nowMs) * collectionPause;
      residentNowMiB = residentMiB();
      this.#cleanMiB = residentNowMiB;
    }
    this.#words[at.MEMORY_BASE] = residentNowMiB;
    this.#measuredAtMs = performance.now();
  }

  /**
   * The watchdog has seen the process use more than the execution may: measures again after collecting all garbage. Does not
   * return if it is still too much; the watchdog then ends the process.
   */
  measure(): void {
    const words = this.#words;
    Atomics.add(words, at.MEASUREMENTS, 1);
    this.#collectEverywhere();
    // The process may keep freed memory to use it again; then V8's own numbers are more accurate.
    const foundMiB = Math.min(residentMiB() - words[at.MEMORY_BASE]!, words[at.MEMORY_LIVE]!);
    if (foundMiB > words[at.MEMORY_LIMIT]!) {
      Atomics.store(words, at.MEMORY_FOUND, foundMiB);
      for (;;) Atomics.wait(nothing, 0, 0);
    }
    Atomics.add(words, at.MEASUREMENTS, 1);
  }

  #collectEverywhere(): void {
    this.#words[at.MEMORY_LIVE] = 0;
    this.#answer();
    this.turnstile.callOthers(this.#words[at.WORKERS_READY]! + 1);
  }
}
