import * as at from '../../kernel/layout.js';
import { FutexTurnstile } from '../../kernel/turnstile.js';
import { collectGarbage } from '../collect-garbage.js';
import { accountedMiB, residentMiB } from '../memory-use.js';

/** Executions that begin sooner after a measurement than this are measured by it: they cannot have left much. */
const measureAgainMs = 20;
/** What earlier executions may leave uncollected, as a share of the limit. */
const garbageShare = 1 / 4;
/** Collecting between executions takes one part in this many of the time at most, unless it is urgent. */
const collectionPause = 20;

/** Nobody ever notifies it. */
const nothing = new Int32Array(new SharedArrayBuffer(4));

/**
 * Measures what executions use, in the agent that holds the turn: what the process has in memory, less what it had before
 * the execution. What would be garbage is collected before anybody is blamed, in the heaps of all agents.
 */
export class MemoryMeasure {
  readonly turnstile: FutexTurnstile;
  readonly #words: Int32Array;
  readonly #letGo: () => void;
  /** What this agent itself holds beside what executions make: modules, for one. */
  readonly #ownMiB = accountedMiB();
  /** What was in memory after the last collection, or when the scenario was loaded. */
  #cleanMiB = 0;
  #measuredAtMs = -Infinity;
  #mayCollectFromMs = 0;

  /** @param letGo lets go of what the agent keeps without need */
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

  /** Takes what is in memory now for what the harness needs. */
  rebase(): void {
    this.#cleanMiB = residentMiB();
    this.#words[at.MEMORY_BASE] = this.#cleanMiB;
    this.#measuredAtMs = -Infinity;
  }

  /** Workers were started: what they take is the harness's. */
  allowForThreads(residentBeforeMiB: number): void {
    this.#cleanMiB += Math.max(0, residentMiB() - residentBeforeMiB);
    this.#measuredAtMs = -Infinity;
  }

  /** An execution is about to begin: what is in memory is not its doing. Collects if there is much. */
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
   * The watchdog has seen the process use more than the execution may: looks again when all garbage is gone. Does not
   * return if it still does; the watchdog then ends the process.
   */
  measure(): void {
    const words = this.#words;
    Atomics.add(words, at.MEASUREMENTS, 1);
    this.#collectEverywhere();
    // What has been let go of may stay with the process, to be used again; then the accounts know better.
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
