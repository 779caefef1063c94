import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { LoopDelay } from './task.js';

/** How often the loop is asked, and so what an idle loop shows. */
const resolutionMs = 1;
const nanosecondsPerMs = 1e6;

/** Watches from now on by how much the event loop is late, until the returned function is called, which tells. */
export function watchLoopDelay(): () => LoopDelay {
  const histogram = monitorEventLoopDelay({ resolution: resolutionMs });
  histogram.enable();
  // perf_hooks counts the time between two calls of its timer: what is beyond the interval is delay.
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
