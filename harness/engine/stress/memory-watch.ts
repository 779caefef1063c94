import { describeMemoryExceeded, residentMiB, uncertainMiB } from '../memory-use.js';
import { MEMORY_BASE, MEMORY_LIMIT } from './layout.js';

/** How long an execution may use too much: garbage goes meanwhile. */
const patienceMs = 500;
/** The same when it uses very much: one look may have seen garbage that goes at once. */
const shortPatienceMs = 100;

/** What the watchdog of a stress process knows of the memory in use, and when it has seen enough. */
export class MemoryWatch {
  readonly #words: Int32Array;
  #tooMuchSinceMs = Infinity;

  constructor(words: Int32Array) {
    this.#words = words;
  }

  /**
   * Looks at the memory in use. Nobody can be stopped to collect garbage while all run, so what cannot be told from it is
   * allowed. Returns undefined, or why the process has to be ended.
   *
   * @param agents of the execution under way
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
