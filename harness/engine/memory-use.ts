import { defaultLimits } from '../scenario/limits.js';

const bytesPerMiB = 1024 * 1024;

/** Captured before a program under test could replace it. */
const residentBytes = process.memoryUsage.rss.bind(process);

/** The memory of the process, in MiB, with all its threads; including array buffers and shared memory. */
export function residentMiB(): number {
  return Math.round(residentBytes() / bytesPerMiB);
}

const accounts = process.memoryUsage.bind(process);

/**
 * The memory in the calling thread's heap and buffers, in MiB. Shared memory counts for the thread that made it. Memory added by
 * `resize` or `grow`, and messages in transit, are not counted.
 */
export function accountedMiB(): number {
  const { heapUsed, external, arrayBuffers } = accounts();
  return Math.round((heapUsed + Math.max(external, arrayBuffers)) / bytesPerMiB);
}

/** If garbage cannot be distinguished from live memory, each agent, and all together, may use this much more. */
const garbageMiB = 128;
const garbageOfAllMiB = 1_024;

/**
 * How much more than its limit an execution may appear to use before garbage is collected.
 *
 * @param agents how many heaps may contain garbage
 * @returns that amount as `unsureMiB`, and the use above which protecting the machine comes first
 */
export function uncertainMiB(limitMiB: number, agents: number): { unsureMiB: number; highMiB: number } {
  const unsureMiB = Math.min((agents + 1) * garbageMiB, garbageOfAllMiB);
  return { unsureMiB, highMiB: limitMiB + Math.max(limitMiB, unsureMiB) };
}

/** Above the high mark by this much, there is no more waiting. */
export const lastReserveMiB = garbageOfAllMiB;

const mebibytes = (count: number): string => `${Math.max(0, count).toLocaleString('en')} MiB`;

/**
 * The message for an execution that used too much memory. The part before the colon is always the same.
 *
 * @param foundMiB what was found
 * @param limitMiB its `limits.memoryMiB`
 */
export function describeMemoryExceeded(foundMiB: number, limitMiB: number): string {
  return `the execution used more than limits.memoryMiB (${mebibytes(limitMiB)}): found ${mebibytes(foundMiB)} in the heaps, strings and array buffers of all its agents. Release what is no longer needed, make the data smaller, or raise limits.memoryMiB (default ${mebibytes(defaultLimits.memoryMiB)})`;
}

/** The message for a scenario file that takes too much memory before anything is executed. */
export function describeLoadingExceeded(foundMiB: number, limitMiB: number): string {
  return `evaluating the file and making its store took ${mebibytes(foundMiB)}, far more than limits.memoryMiB (${mebibytes(limitMiB)}; default ${mebibytes(defaultLimits.memoryMiB)}). Allocate less at the top of the file and in \`store\`, or raise the limit`;
}

/** The message for a worker thread whose heap is full. @param limitMiB its `limits.workerHeapMiB` */
export function describeHeapExceeded(agent: string, limitMiB: number): string {
  return `${agent} used more than limits.workerHeapMiB (${mebibytes(limitMiB)}): its thread ran out of memory. Release what is no longer needed, or raise limits.workerHeapMiB (default ${mebibytes(defaultLimits.workerHeapMiB)})`;
}
