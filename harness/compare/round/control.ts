import type { Pace } from '../workload.js';

/** The memory through which the main agent of a round coordinates its writers. */
export interface Control {
  readonly words: Int32Array<SharedArrayBuffer>;
  readonly numbers: Float64Array<SharedArrayBuffer>;
  /** The start time of each write of the current batch, `maximumWrites` for each writer. */
  readonly stampsMs: Float64Array<SharedArrayBuffer>;
  readonly maximumWrites: number;
}

/** The commands for writers. */
export const commands = { write: 1, close: 2 } as const;

/** Places in `words`. */
export const at = { generation: 0, ready: 1, finished: 2, command: 3, writers: 16 } as const;
/** The counters of writers are far apart, so that they do not share a cache line. */
const wordsPerWriter = 16;
const places = { durationMs: 0, rate: 1, burstRecords: 2, burstPauseMs: 3 } as const;

/** Makes the shared memory of a round: one thread each for so many writers, that write so often in one batch at most. */
export function createControl(writers: number, maximumWrites: number): Control {
  return {
    words: new Int32Array(new SharedArrayBuffer(4 * (at.writers + writers * wordsPerWriter))),
    numbers: new Float64Array(new SharedArrayBuffer(8 * Object.keys(places).length)),
    stampsMs: new Float64Array(new SharedArrayBuffer(8 * writers * maximumWrites)),
    maximumWrites,
  };
}

/** The place where a writer counts its writes of this batch. */
export function writtenPlace(writer: number): number {
  return at.writers + writer * wordsPerWriter;
}

/** The number of writes of all writers in this batch. */
export function writtenBy(control: Control, writers: number): number {
  let sum = 0;
  for (let writer = 0; writer < writers; writer++) sum += Atomics.load(control.words, writtenPlace(writer));
  return sum;
}

/** One batch: writers write at this pace for a time, or until each has written `maximumWrites` records. */
export interface Batch extends Pace {
  readonly durationMs: number;
}

/** Starts all writers. All must be ready. */
export function command({ words, numbers }: Control, writers: number, what: number, batch?: Batch): void {
  if (batch !== undefined) {
    numbers[places.durationMs] = batch.durationMs;
    numbers[places.rate] = batch.ratePerSecond ?? 0;
    numbers[places.burstRecords] = batch.burst?.records ?? 0;
    numbers[places.burstPauseMs] = batch.burst?.pauseMs ?? 0;
  }
  for (let writer = 0; writer < writers; writer++) Atomics.store(words, writtenPlace(writer), 0);
  Atomics.store(words, at.finished, 0);
  Atomics.store(words, at.command, what);
  Atomics.add(words, at.generation, 1);
  Atomics.notify(words, at.generation);
}

/** The batch that writers were given. */
export function currentBatch({ numbers }: Control): Batch {
  const rate = numbers[places.rate]!;
  const burstRecords = numbers[places.burstRecords]!;
  return {
    durationMs: numbers[places.durationMs]!,
    ratePerSecond: rate === 0 ? null : rate,
    burst: burstRecords === 0 ? null : { records: burstRecords, pauseMs: numbers[places.burstPauseMs]! },
  };
}

/** Waits on the main agent, without blocking, until a word has counted up to a number. */
export async function untilCounted({ words }: Control, place: number, count: number): Promise<void> {
  while (true) {
    const found = Atomics.load(words, place);
    if (found >= count) return;
    await Atomics.waitAsync(words, place, found).value;
  }
}
