import {
  isRecordSnapshot,
  isTableSnapshot,
  readTable,
  type RecordSnapshot,
  type RecordTable,
  type TableSnapshot,
  type Violation,
} from '../../harness/authoring.js';
import { asRecordWrite } from '../record-writes.js';
import { numbered } from '../values.js';
import { difference, range, tallyAt, type CountingJudge, type Tally } from './judge.js';

/**
 * Counts the writes to a record table: all of them by the table's version, those of each key by the record's. Slots are
 * never emptied and versions count writes, so these bounds hold for every word of the table, whenever it is read.
 */
export class RecordsJudge implements CountingJudge<unknown> {
  readonly #table: RecordTable;
  #begun = 0;
  #acknowledged = 0;
  readonly #tallies = new Map<number, Tally>();
  /** Whether every write has named its key. If not, only the totals can be judged. */
  #allNamed = true;

  constructor(table: RecordTable) {
    this.#table = table;
  }

  began(value: unknown): void {
    this.#begun++;
    const tally = this.#tallyOf(value);
    if (tally !== undefined) tally.begun++;
  }

  acknowledged(value: unknown): void {
    this.#acknowledged++;
    const tally = this.#tallyOf(value);
    if (tally !== undefined) tally.acknowledged++;
  }

  read(who: string, value: unknown): Violation | undefined {
    if (isRecordSnapshot(value)) return this.#judgeRecord(`${who} saw`, value);
    if (!isTableSnapshot(value)) return undefined;
    return this.#judgeTotals(who, value) ?? this.#judgeRecords(`${who} saw`, value.records);
  }

  finish(): Violation | undefined {
    const table = readTable(this.#table);
    return this.#judgeRecords('the table holds', table.records) ?? this.#judgeLosses(table) ?? this.#judgeEnd(table);
  }

  #tallyOf(value: unknown): Tally | undefined {
    const write = asRecordWrite(value);
    if (write !== undefined) return tallyAt(this.#tallies, write.key, () => ({ begun: 0, acknowledged: 0 }));
    this.#allNamed = false;
    return undefined;
  }

  #judgeTotals(who: string, { version, count }: TableSnapshot): Violation | undefined {
    if (version < 0 || version > this.#begun) {
      return {
        expected: `${who} to see a table version ${range(0, this.#begun)}: ${numbered(this.#begun, 'write')} had begun`,
        found: String(version),
      };
    }
    const most = this.#allNamed ? this.#tallies.size : this.#begun;
    if (count >= 0 && count <= most) return undefined;
    return {
      expected: `${who} to see a count ${range(0, most)}: writes of ${numbered(most, 'record')} had begun`,
      found: String(count),
    };
  }

  #judgeRecords(finding: string, records: readonly RecordSnapshot[]): Violation | undefined {
    const keys = new Set<number>();
    for (const record of records) {
      if (keys.has(record.key)) {
        return { expected: `key ${record.key} in one slot of the table`, found: `${finding} it in two slots` };
      }
      keys.add(record.key);
      const violation = this.#judgeRecord(finding, record);
      if (violation !== undefined) return violation;
    }
    return undefined;
  }

  #judgeRecord(finding: string, { key, version }: RecordSnapshot): Violation | undefined {
    if (!this.#allNamed) return undefined;
    const begun = this.#tallies.get(key)?.begun ?? 0;
    if (begun === 0) {
      return { expected: 'only keys that were written', found: `${finding} key ${key}, which was never written` };
    }
    if (version >= 0 && version <= begun) return undefined;
    return {
      expected: `key ${key} with a version ${range(0, begun)}: ${numbered(begun, 'write')} of it had begun`,
      found: `${finding} version ${version}`,
    };
  }

  #judgeLosses({ records }: TableSnapshot): Violation | undefined {
    if (!this.#allNamed) return undefined;
    const versions = new Map(records.map((record) => [record.key, record.version]));
    for (const [key, { begun, acknowledged }] of this.#tallies) {
      const version = versions.get(key) ?? 0;
      if (version >= acknowledged) continue;
      const writes = acknowledged === 1 ? '1 write of it was' : `${acknowledged} writes of it were`;
      return {
        expected: `key ${key} with a final version ${range(acknowledged, begun)}: ${writes} acknowledged`,
        found: version === 0 ? 'the record is not there' : `${version}${difference(version, acknowledged, begun)}`,
      };
    }
    return undefined;
  }

  #judgeEnd({ version, count, records }: TableSnapshot): Violation | undefined {
    if (version < this.#acknowledged || version > this.#begun) {
      return {
        expected: `a final table version ${range(this.#acknowledged, this.#begun)}, one for each write`,
        found: `${version}${difference(version, this.#acknowledged, this.#begun)}`,
      };
    }
    if (count === records.length) return undefined;
    return { expected: `a final count of ${records.length}, the records in the table`, found: String(count) };
  }
}
