import { defaultLimits } from '../scenario/limits.js';

const bytesPerMiB = 1024 * 1024;

/** As it is before a program under test could replace it. */
const residentBytes = process.memoryUsage.rss.bind(process);

/** What the process has in memory, in MiB, whoever of its threads uses it; array buffers and shared memory included. */
export function residentMiB(): number {
  return Math.round(residentBytes() / bytesPerMiB);
}

const accounts = process.memoryUsage.bind(process);

/**
 * What the calling thread's heap and buffers hold, in MiB. Shared memory is counted where it was made; what grows by
 * `resize` or `grow`, and messages under way, nowhere.
 */
export function accountedMiB(): number {
  const { heapUsed, external, arrayBuffers } = accounts();
  return Math.round((heapUsed + Math.max(external, arrayBuffers)) / bytesPerMiB);
}

/** Where garbage cannot be told from the rest, this much more may be in use for each agent, and for all together. */
const garbageMiB = 128;
const garbageOfAllMiB = 1_024;

/**
 * How much more than its limit an execution may seem to use as long as garbage has not been collected.
 *
 * @param agents how many heaps may hold some
 * @returns `unsureMiB` of that, and from what use on the machine has to be thought of first
 */
export function uncertainMiB(limitMiB: number, agents: number): { unsureMiB: number; highMiB: number } {
  const unsureMiB = Math.min((agents + 1) * garbageMiB, garbageOfAllMiB);
  return { unsureMiB, highMiB: limitMiB + Math.max(limitMiB, unsureMiB) };
}

/** Above this much more than the high mark nothing is waited for. */
export const lastReserveMiB = garbageOfAllMiB;

const mebibytes = (count: number): string => `${Math.max(0, count).toLocaleString('en')} MiB`;

/**
 * What is said of an execution that took too much memory. What stands before the colon is the same each time.
 *
 * @param foundMiB what was found
 * @param limitMiB its `limits.memoryMiB`
 */
export function describeMemoryExceeded(foundMiB: number, limitMiB: number): string {
  return `the execution used more than limits.memoryMiB (${mebibytes(limitMiB)}): found ${mebibytes(foundMiB)} in the heaps, strings and array buffers of all its agents. Release what is no longer needed, make the data smaller, or raise limits.memoryMiB (default ${mebibytes(defaultLimits.memoryMiB)})`;
}

/** What is said of a scenario file that takes too much memory before anything is executed. */
export function describeLoadingExceeded(foundMiB: number, limitMiB: number): string {
  return `evaluating the file and making its store took ${mebibytes(foundMiB)}, far more than limits.memoryMiB (${mebibytes(limitMiB)}; default ${mebibytes(defaultLimits.memoryMiB)}). Allocate less at the top of the file and in \`store\`, or raise the limit`;
}

/** What is said of a writer whose heap is full. @param limitMiB its `limits.workerHeapMiB` */
export function describeHeapExceeded(writer: number, limitMiB: number): string {
  return `writer ${writer} used more than limits.workerHeapMiB (${mebibytes(limitMiB)}): its thread ran out of memory. Release what is no longer needed, or raise limits.workerHeapMiB (default ${mebibytes(defaultLimits.workerHeapMiB)})`;
}
