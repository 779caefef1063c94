import * as at from '../../kernel/layout.js';
import {
  describeLoadingExceeded,
  describeMemoryExceeded,
  lastReserveMiB,
  residentMiB,
  uncertainMiB,
} from '../memory-use.js';

/**
 * How long an execution that uses too much may continue without a scheduling point at which it could be measured. This and the
 * times below are processor time: without any, an execution cannot reach a scheduling point either.
 */
const patienceMs = 500;
/** The same if it uses very much: the machine must be protected. */
const shortPatienceMs = 100;
/** Measuring, which stops all agents, takes at most one part in this many of the time. */
const measuringPause = 4;

/** What the watchdog knows about the memory in use, and when it must act. */
export class MemoryWatch {
  readonly #words: Int32Array;
  #askedAtMs = Infinity;
  #askedAfter = 0;
  #mayAskFromMs = 0;

  constructor(words: Int32Array) {
    this.#words = words;
  }

  /** Whether an agent is measuring: until it is done, it reaches no scheduling point, which is not a hang. */
  get isMeasuring(): boolean {
    return Atomics.load(this.#words, at.MEASUREMENTS) % 2 !== 0;
  }

  /**
   * Checks the memory in use. Returns undefined, or why the process must be ended.
   *
   * @param nowMs processor time that the process has used
   */
  look(nowMs: number): string | undefined {
    const words = this.#words;
    const limitMiB = words[at.MEMORY_LIMIT]!;
    const found = Atomics.load(words, at.MEMORY_FOUND);
    if (found !== 0) return describeMemoryExceeded(found, limitMiB);
    const usedMiB = residentMiB() - words[at.MEMORY_BASE]!;
    const { unsureMiB, highMiB } = uncertainMiB(limitMiB, words[at.AGENT_COUNT]!);
    if (words[at.ACTIVE] === 0) {
      this.#askedAtMs = Infinity;
      const isTooMuch = words[at.LOADING] === 1 && usedMiB > highMiB;
      return isTooMuch ? describeLoadingExceeded(usedMiB, limitMiB) : undefined;
    }
    if (usedMiB > highMiB + lastReserveMiB) return describeMemoryExceeded(usedMiB, limitMiB);
    if (this.isMeasuring) return undefined;
    const measurements = Atomics.load(words, at.MEASUREMENTS);
    if (this.#askedAtMs !== Infinity && measurements !== this.#askedAfter) {
      this.#mayAskFromMs = nowMs + (nowMs - this.#askedAtMs) * measuringPause;
      this.#askedAtMs = Infinity;
    }
    if (usedMiB <= limitMiB) {
      this.#askedAtMs = Infinity;
      return undefined;
    }
    if (nowMs < this.#mayAskFromMs && usedMiB <= highMiB) return undefined;
    if (this.#askedAtMs === Infinity) {
      this.#askedAtMs = nowMs;
      this.#askedAfter = measurements;
    }
    const waitedMs = nowMs - this.#askedAtMs;
    if (usedMiB > limitMiB + unsureMiB && waitedMs >= (usedMiB > highMiB ? shortPatienceMs : patienceMs)) {
      return describeMemoryExceeded(usedMiB, limitMiB);
    }
    // Repeatedly: the running agent may have overwritten it.
    Atomics.store(words, at.NEXT_STOP, at.stopToMeasure);
    return undefined;
  }
}
