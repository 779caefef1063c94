import type { TableSnapshot } from 'threadmill/record-table';
import { writeOf } from '../workload.js';
import type { ExpectedRecords } from './expected-records.js';

export interface LatenciesOptions {
  readonly expected: ExpectedRecords;
  readonly writers: number;
  readonly keysOfEach: number;
  /** How many records each writer had written before this batch. */
  readonly writtenBefore: readonly number[];
  /** The start time of each write of the batch: `maximumWrites` for each writer. */
  readonly stampsMs: Float64Array;
  readonly maximumWrites: number;
}

/**
 * How long each write of a batch took to become visible: from its start until a reader saw it, or a later one that replaced
 * it. A write that was replaced before a reader looked counts like any other. Leaving it out would leave out exactly the
 * writes that arrived while the loop was busy.
 */
export class Latencies {
  readonly #options: LatenciesOptions;
  /** For each key, the first write that has not been seen, over all batches. */
  readonly #next: number[];
  readonly #latenciesUs: number[] = [];

  constructor(options: LatenciesOptions) {
    this.#options = options;
    const { writers, keysOfEach, writtenBefore } = options;
    this.#next = Array.from({ length: writers * keysOfEach }, (_, key) => {
      const before = writtenBefore[key % writers] ?? 0;
      const turn = Math.floor(key / writers);
      // The first number of this key that is not less than `before`.
      return before + ((((turn - before) % keysOfEach) + keysOfEach) % keysOfEach);
    });
  }

  see({ records }: TableSnapshot, nowMs: number): void {
    const { expected, keysOfEach, writtenBefore, stampsMs, maximumWrites } = this.#options;
    for (const record of records) {
      if (expected.faultOf(record) !== undefined) continue;
      const { writer, sequence } = writeOf(record.payload)!;
      const before = writtenBefore[writer]!;
      for (let seen = this.#next[record.key]!; seen <= sequence; seen += keysOfEach) {
        this.#latenciesUs.push((nowMs - stampsMs[writer * maximumWrites + seen - before]!) * 1_000);
        this.#next[record.key] = seen + keysOfEach;
      }
    }
  }

  get seen(): number {
    return this.#latenciesUs.length;
  }

  get us(): Float32Array {
    return Float32Array.from(this.#latenciesUs);
  }
}
