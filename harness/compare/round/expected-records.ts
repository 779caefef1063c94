import { isWholeRecord, type RecordSnapshot, type TableSnapshot } from 'threadmill/record-table';
import { keyOf, writeOf } from '../workload.js';

const violationsKept = 10;

/** The number of violations, and the first few in words. */
export class Violations {
  readonly kept: string[] = [];
  count = 0;

  add(what: string): void {
    this.count++;
    if (this.kept.length < violationsKept) this.kept.push(what);
  }
}

/** What must be true of every table that a reader sees, and of the final one. */
export class ExpectedRecords {
  readonly keys: number;
  readonly #writers: number;
  readonly #keysOfEach: number;

  constructor(writers: number, keysOfEach: number) {
    this.#writers = writers;
    this.#keysOfEach = keysOfEach;
    this.keys = writers * keysOfEach;
  }

  /** What is wrong with a record, if anything: it is torn, or does not match its key and version. */
  faultOf(record: RecordSnapshot): string | undefined {
    const { key, version, payload } = record;
    if (!isWholeRecord(record)) return `a torn record under key ${key}`;
    const write = writeOf(payload);
    if (write === undefined) return `a payload under key ${key} that no writer wrote`;
    const { writer, sequence } = write;
    if (keyOf(writer, sequence, this.#writers, this.#keysOfEach) !== key)
      return `the payload of write ${sequence} of writer ${writer} under key ${key}`;
    // Only one writer writes a key, so the version says which of its writes it must be.
    const expectedVersion = Math.floor(sequence / this.#keysOfEach) + 1;
    if (version !== expectedVersion)
      return `version ${version} of key ${key} with the payload of version ${expectedVersion}`;
    return undefined;
  }

  /** Judges the final table, given how many records each writer has written. */
  judgeEnd(table: TableSnapshot, written: readonly number[], violations: Violations): void {
    const total = written.reduce((sum, count) => sum + count, 0);
    const keys = written.reduce((sum, count) => sum + Math.min(count, this.#keysOfEach), 0);
    if (table.version !== total) violations.add(`version ${table.version} after ${total} writes`);
    if (table.count !== keys || table.records.length !== keys)
      violations.add(`${table.count} records counted and ${table.records.length} found, of ${keys}`);
    for (const record of table.records) {
      const fault = this.faultOf(record);
      if (fault !== undefined) {
        violations.add(`at the end: ${fault}`);
        continue;
      }
      const { writer = 0, sequence = 0 } = writeOf(record.payload) ?? {};
      const missing = (written[writer] ?? 0) - 1 - sequence;
      if (missing >= this.#keysOfEach)
        violations.add(`at the end: key ${record.key} lacks its last ${Math.floor(missing / this.#keysOfEach)} writes`);
    }
  }
}

/** What a reader has seen so far and must not see undone. */
export class SeenRecords {
  readonly #expected: ExpectedRecords;
  readonly #violations: Violations;
  readonly #who: string;
  readonly #versions: Int32Array;
  #tableVersion = 0;

  constructor(who: string, expected: ExpectedRecords, violations: Violations) {
    this.#who = who;
    this.#expected = expected;
    this.#violations = violations;
    this.#versions = new Int32Array(expected.keys);
  }

  see({ version, records }: TableSnapshot): void {
    if (version < this.#tableVersion) this.#add(`version ${version} of the table after ${this.#tableVersion}`);
    this.#tableVersion = version;
    for (const record of records) {
      const fault = this.#expected.faultOf(record);
      if (fault !== undefined) {
        this.#add(fault);
        continue;
      }
      const before = this.#versions[record.key]!;
      if (record.version < before) this.#add(`version ${record.version} of key ${record.key} after ${before}`);
      this.#versions[record.key] = record.version;
    }
  }

  #add(what: string): void {
    this.#violations.add(`${this.#who}: ${what}`);
  }
}
