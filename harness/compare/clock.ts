import { hrtime } from 'node:process';

/**
 * Milliseconds of the machine's monotonic clock, which all threads share, whereas `performance.now()` starts at 0 in each.
 * The resolution is that of `process.hrtime`, nanoseconds. After a month of uptime, a double still represents it to better
 * than a microsecond.
 */
export function sharedNowMs(): number {
  const [seconds, nanoseconds] = hrtime();
  return seconds * 1_000 + nanoseconds / 1e6;
}
