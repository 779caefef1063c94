import { describeMemoryExceeded, residentMiB, uncertainMiB } from '../memory-use.js';
import { MEMORY_BASE, MEMORY_LIMIT } from './layout.js';

/** How long an execution may use too much: meanwhile, garbage may be collected. */
const patienceMs = 500;
/** The same if it uses very much: a single measurement may include garbage that is about to be collected. */
const shortPatienceMs = 100;

/** What the watchdog of a stress process knows about the memory in use, and when it must act. */
export class MemoryWatch {
  readonly #words: Int32Array;
  #tooMuchSinceMs = Infinity;

  constructor(words: Int32Array) {
    this.#words = words;
  }

  /**
   * Checks the memory in use. While all agents run, none can be stopped to collect garbage, so an amount that may be garbage is
   * allowed. Returns undefined, or why the process must be ended.
   *
   * @param agents of the current execution
   * @param nowMs by `performance.now()`
   */
  look(agents: number, nowMs: number): string | undefined {
    const limitMiB = this.#words[MEMORY_LIMIT]!;
    const baseMiB = this.#words[MEMORY_BASE]!;
    const { unsureMiB, highMiB } = uncertainMiB(limitMiB, agents);
    const usedMiB = baseMiB === 0 ? 0 : residentMiB() - baseMiB;
    if (usedMiB <= limitMiB + unsureMiB) {
      this.#tooMuchSinceMs = Infinity;
      return undefined;
    }
    if (this.#tooMuchSinceMs === Infinity) this.#tooMuchSinceMs = nowMs;
    return nowMs - this.#tooMuchSinceMs >= (usedMiB > highMiB ? shortPatienceMs : patienceMs)
      ? describeMemoryExceeded(usedMiB, limitMiB)
      : undefined;
  }
}
