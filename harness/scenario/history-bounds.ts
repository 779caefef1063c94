import { defaultLimits } from './limits.js';

const bytesPerMiB = 1024 * 1024;

/** The message about a history with too many events. @param limit the scenario's `limits.historyEvents` */
export function describeTooManyEvents(limit: number): string {
  return `the history has more than ${limit.toLocaleString('en')} events (limits.historyEvents): record fewer writes and reads, or raise limits.historyEvents (default ${defaultLimits.historyEvents.toLocaleString('en')}, at most 1,000,000)`;
}

/** The message about a history whose values are too large in total. @param capacityBytes the fixed limit on their size */
export function describeTooLargeValues(capacityBytes: number): string {
  return `the values in the history take more than ${(capacityBytes / bytesPerMiB).toLocaleString('en')} MiB, and this limit cannot be raised: record only what tells values apart, such as a key and a version, or a checksum`;
}
