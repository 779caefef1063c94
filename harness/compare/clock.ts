import { hrtime } from 'node:process';

/**
 * Milliseconds of the machine's monotonic clock, which all threads share: `performance.now()` begins anew in each. Its
 * resolution is that of `process.hrtime`, nanoseconds; after a month of uptime what a double holds of it is still better
 * than a microsecond.
 */
export function sharedNowMs(): number {
  const [seconds, nanoseconds] = hrtime();
  return seconds * 1_000 + nanoseconds / 1e6;
}
