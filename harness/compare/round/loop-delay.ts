import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { LoopDelay } from './task.js';

/** The interval of measurements, which is also the delay that an idle loop shows. */
const resolutionMs = 1;
const nanosecondsPerMs = 1e6;

/** Measures how late the event loop is, until the returned function is called, which returns the result. */
export function watchLoopDelay(): () => LoopDelay {
  const histogram = monitorEventLoopDelay({ resolution: resolutionMs });
  histogram.enable();
  // perf_hooks measures the time between two calls of its timer. The excess over the interval is delay.
  const delayMs = (nanoseconds: number): number => Math.max(0, nanoseconds / nanosecondsPerMs - resolutionMs);
  return () => {
    histogram.disable();
    if (histogram.count === 0) return { p50Ms: 0, p99Ms: 0, maximumMs: 0 };
    return {
      p50Ms: delayMs(histogram.percentile(50)),
      p99Ms: delayMs(histogram.percentile(99)),
      maximumMs: delayMs(histogram.max),
    };
  };
}
