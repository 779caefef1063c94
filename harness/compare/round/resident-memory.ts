import { readFileSync } from 'node:fs';
import process from 'node:process';

const bytesPerMiB = 1024 * 1024;
const kibPerMiB = 1024;

/** The current resident memory of the process. */
export function residentMiB(): number {
  return process.memoryUsage.rss() / bytesPerMiB;
}

/** The peak resident memory of the process. */
export function peakResidentMiB(): number {
  try {
    // On Linux, `maxRSS` of a process starts at the value of its parent. This does not.
    const peak = /^VmHWM:\s*(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
    if (peak !== undefined) return Number(peak) / kibPerMiB;
  } catch {
    // Not on Linux.
  }
  return process.resourceUsage().maxRSS / kibPerMiB;
}
