import { readFileSync } from 'node:fs';
import process from 'node:process';

const bytesPerMiB = 1024 * 1024;
const kibPerMiB = 1024;

/** What the process has in memory now. */
export function residentMiB(): number {
  return process.memoryUsage.rss() / bytesPerMiB;
}

/** The most the process ever had in memory. */
export function peakResidentMiB(): number {
  try {
    // On Linux `maxRSS` of a process begins with what its parent had; this does not.
    const peak = /^VmHWM:\s*(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
    if (peak !== undefined) return Number(peak) / kibPerMiB;
  } catch {
    // Another system.
  }
  return process.resourceUsage().maxRSS / kibPerMiB;
}
