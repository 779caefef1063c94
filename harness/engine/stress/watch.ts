import { monitorEventLoopDelay, type IntervalHistogram } from 'node:perf_hooks';
import type { Site } from '../../results/schema.js';
import type { Gauge, LoopStall, Watching } from '../../results/stress-schema.js';
import * as at from './layout.js';
import { collectGarbage } from '../collect-garbage.js';
import type { StressEngine, StressExecutionResult, StressObserver } from './engine.js';
import { spellPlace } from '../../place.js';

/** Limits on the observations that are kept. */
export const stressLimits = {
  /** Samples of each gauge in one repetition: if there are more, every other one is dropped. */
  gaugeSamples: 200,
  stalls: 5,
  warnings: 20,
} as const;

const sampleEveryMs = 5;
/** A turn of the event loop that takes longer than this is a stall. */
const stallMs = 25;
const nanosecondsPerMs = 1e6;
const mebibyte = 1024 * 1024;

/** A queue's depth over time. */
class GaugeLog {
  readonly name: string;
  #samples: number[] = [];
  #stride = 1;
  #skipped = 0;
  #maximum = 0;
  #last = 0;

  constructor(name: string) {
    this.name = name;
  }

  add(depth: number): void {
    this.#last = depth;
    if (depth > this.#maximum) this.#maximum = depth;
    if (++this.#skipped < this.#stride) return;
    this.#skipped = 0;
    this.#samples.push(depth);
    if (this.#samples.length < stressLimits.gaugeSamples) return;
    this.#samples = this.#samples.filter((_, index) => index % 2 === 0);
    this.#stride *= 2;
  }

  summary(): Gauge {
    return {
      name: this.name,
      maximum: this.#maximum,
      last: this.#last,
      samples: this.#samples,
      growsWithoutBound: growsWithoutBound(this.#samples),
    };
  }
}

const quarters = 4;
const fewestSamples = 20;
/** How much deeper a queue must be in its last quarter than in its first. */
const growthFactor = 2;
const growthAtLeast = 10;

/** Whether a depth only grows: deeper in each quarter of the time than in the one before, and much deeper in the end. */
export function growsWithoutBound(samples: readonly number[]): boolean {
  if (samples.length < fewestSamples) return false;
  const means = Array.from({ length: quarters }, (_, quarter) => {
    const part = samples.slice((quarter * samples.length) / quarters, ((quarter + 1) * samples.length) / quarters);
    return part.reduce((sum, depth) => sum + depth, 0) / part.length;
  });
  const [first = 0] = means;
  const last = means.at(-1) ?? 0;
  return (
    means.every((mean, quarter) => quarter === 0 || mean > (means[quarter - 1] ?? 0)) &&
    last > first * growthFactor + growthAtLeast &&
    (samples.at(-1) ?? 0) >= last / growthFactor
  );
}

/** Watches the event loop, the locks and the queues of a process under stress, from its main agent. */
export class Watch implements StressObserver {
  readonly #engine: StressEngine;
  readonly #sites: readonly (Site | null)[];
  readonly #delay: IntervalHistogram = monitorEventLoopDelay({ resolution: 1 });
  #sampler: NodeJS.Timeout | undefined;
  #lastSampleMs = 0;
  #gauges = new Map<string, GaugeLog>();
  #stalls: LoopStall[] = [];
  #mainWaitedMs = 0;
  #workersWaitedMs = 0;
  #longestOnMainMs = 0;
  #longestOnWorkersMs = 0;
  #wrongAgentUses = 0;

  constructor(engine: StressEngine, sites: readonly (Site | null)[]) {
    this.#engine = engine;
    this.#sites = sites;
  }

  beginRepetition(): void {
    this.#gauges = new Map();
    this.#stalls = [];
    this.#mainWaitedMs = 0;
    this.#workersWaitedMs = 0;
    this.#longestOnMainMs = 0;
    this.#longestOnWorkersMs = 0;
    this.#wrongAgentUses = 0;
    this.#delay.reset();
    const { warnings } = this.#engine;
    warnings.length = 0;
    this.#engine.rejections = 0;
    this.#engine.workerExits = 0;
  }

  began(): void {
    this.#lastSampleMs = performance.now();
    this.#delay.enable();
    this.#sampler ??= setInterval(() => {
      this.#sample();
    }, sampleEveryMs);
  }

  ended(): void {
    if (this.#sampler === undefined) return;
    this.#delay.disable();
    this.#sample();
    clearInterval(this.#sampler);
    this.#sampler = undefined;
  }

  /** Adds the result of an execution. */
  add(result: StressExecutionResult): void {
    this.#mainWaitedMs += result.mainWaitedMs;
    this.#workersWaitedMs += result.workersWaitedMs;
    this.#longestOnMainMs = Math.max(this.#longestOnMainMs, result.mainLongestWaitMs);
    this.#longestOnWorkersMs = Math.max(this.#longestOnWorkersMs, result.workersLongestWaitMs);
    this.#wrongAgentUses += result.mainWaits + (result.thrown?.name === 'DataCloneError' ? 1 : 0);
  }

  endRepetition(): Watching {
    const { words } = this.#engine;
    words[at.STALL_SITE] = 0;
    collectGarbage();
    const { heapUsed, rss } = process.memoryUsage();
    const delayMs = (nanoseconds: number): number =>
      Number.isFinite(nanoseconds) ? Math.max(0, nanoseconds / nanosecondsPerMs) : 0;
    return {
      loopDelayMs: {
        p50: delayMs(this.#delay.percentile(50)),
        p99: delayMs(this.#delay.percentile(99)),
        maximum: delayMs(this.#delay.max),
      },
      stalls: this.#stalls,
      gauges: [...this.#gauges.values()].map((gauge) => gauge.summary()),
      lockWaitMs: {
        main: this.#mainWaitedMs,
        longestOnMain: this.#longestOnMainMs,
        workers: this.#workersWaitedMs,
        longestOnWorkers: this.#longestOnWorkersMs,
      },
      rejections: this.#engine.rejections,
      warnings: [...new Set(this.#engine.warnings)].slice(0, stressLimits.warnings),
      workerExits: this.#engine.workerExits,
      wrongAgentUses: this.#wrongAgentUses,
      heapMiB: heapUsed / mebibyte,
      residentMiB: rss / mebibyte,
    };
  }

  #sample(): void {
    const nowMs = performance.now();
    const durationMs = nowMs - this.#lastSampleMs;
    this.#lastSampleMs = nowMs;
    const { words, depths } = this.#engine;
    if (durationMs > stallMs) this.#noteStall(durationMs);
    words[at.LOOP_TURNS] = words[at.LOOP_TURNS]! + 1;
    for (const { name, depth } of depths) {
      let gauge = this.#gauges.get(name);
      if (gauge === undefined) this.#gauges.set(name, (gauge = new GaugeLog(name)));
      try {
        gauge.add(depth());
      } catch {
        // The watched object may be closed by now.
      }
    }
  }

  /** The watchdog recorded what the main agent did meanwhile. */
  #noteStall(durationMs: number): void {
    const { words } = this.#engine;
    const site = this.#sites[words[at.STALL_SITE]!] ?? null;
    this.#stalls.push({
      durationMs,
      site: site === null ? null : spellPlace(site),
      waitedFor: words[at.STALL_WAITING] === 0 ? null : 'Atomics.wait',
    });
    words[at.STALL_SITE] = 0;
    words[at.STALL_WAITING] = 0;
    this.#stalls.sort((left, right) => right.durationMs - left.durationMs);
    this.#stalls.length = Math.min(this.#stalls.length, stressLimits.stalls);
  }
}
