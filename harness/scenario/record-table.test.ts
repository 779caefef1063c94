import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  createRecordTable,
  isRecordSnapshot,
  isRecordTable,
  isTableSnapshot,
  isWholeRecord,
  readRecord,
  readTable,
  recordChecksum,
  writeRecord,
} from './record-table.js';

const word = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });

describe('a record table', () => {
  it('begins empty', () => {
    const table = createRecordTable({ capacity: 3 });
    expect(readTable(table)).toEqual({ version: 0, count: 0, records: [] });
    expect(readRecord(table, 0)).toBeUndefined();
  });

  it('gives back what was written, with versions that count the writes', () => {
    const table = createRecordTable({ capacity: 2, payloadWords: 2 });
    expect(writeRecord(table, 7, [1, 2])).toBe(1);
    expect(writeRecord(table, 0, [3, 4])).toBe(2);
    expect(writeRecord(table, 7, [5, 6])).toBe(3);
    expect(readRecord(table, 7)).toEqual({
      key: 7,
      version: 2,
      payload: [5, 6],
      checksum: recordChecksum(7, 2, [5, 6]),
    });
    const snapshot = readTable(table);
    expect(snapshot).toMatchObject({ version: 3, count: 2 });
    expect(snapshot.records.map((record) => record.key)).toEqual([7, 0]);
    expect(snapshot.records.every(isWholeRecord)).toBe(true);
  });

  it('behaves as a map from keys to their last payloads', () => {
    const write = fc.tuple(fc.integer({ min: -2, max: 2 }), word, word);
    fc.assert(
      fc.property(fc.array(write), (writes) => {
        const table = createRecordTable({ capacity: 5 });
        const model = new Map<number, readonly number[]>();
        for (const [key, ...payload] of writes) {
          writeRecord(table, key, payload);
          model.set(key, payload);
        }
        const { version, count, records } = readTable(table);
        expect(version).toBe(writes.length);
        expect(count).toBe(model.size);
        expect(new Map(records.map((record) => [record.key, record.payload]))).toEqual(model);
        for (const key of model.keys()) expect(isWholeRecord(readRecord(table, key)!)).toBe(true);
      }),
    );
  });

  it('survives structured cloning, sharing its memory', () => {
    const table = createRecordTable({ capacity: 1, payloadWords: 1 });
    const clone = structuredClone(table);
    writeRecord(clone, 1, [9]);
    expect(isRecordTable(clone)).toBe(true);
    expect(readRecord(table, 1)?.payload).toEqual([9]);
  });

  it('has a checksum that any single changed word changes', () => {
    fc.assert(
      fc.property(word, word, word, word, fc.nat({ max: 2 }), (key, version, payload, other, place) => {
        fc.pre(other !== [key, version, payload][place]);
        const changed = [key, version, payload].with(place, other) as [number, number, number];
        expect(recordChecksum(changed[0], changed[1], [changed[2]])).not.toBe(recordChecksum(key, version, [payload]));
      }),
    );
  });

  it('says what does not fit', () => {
    expect(() => createRecordTable({ capacity: 0 })).toThrow(
      'capacity must be a whole number from 1 to 1000000, but it is 0',
    );
    expect(() => createRecordTable({ capacity: 1, payloadWords: 1.5 })).toThrow('payloadWords must be a whole number');
    const table = createRecordTable({ capacity: 1, payloadWords: 1 });
    expect(() => writeRecord(table, 2 ** 31, [0])).toThrow('the key is 2147483648');
    expect(() => writeRecord(table, 1, [0.5])).toThrow('payload word 0 is 0.5');
    expect(() => writeRecord(table, 1, [])).toThrow("The table's payloads have 1 words, but this one has 0.");
    expect(() => readRecord(table, Number.NaN)).toThrow('the key is NaN');
    writeRecord(table, 1, [0]);
    expect(() => writeRecord(table, 2, [0])).toThrow('The table is full: it holds 1 records, and key 2 is new.');
    expect(writeRecord(table, 1, [3])).toBe(2);
  });

  it('knows its own snapshots', () => {
    const table = createRecordTable({ capacity: 1, payloadWords: 1 });
    writeRecord(table, 1, [2]);
    expect(isTableSnapshot(readTable(table))).toBe(true);
    expect(isRecordSnapshot(readRecord(table, 1))).toBe(true);
    expect(isRecordSnapshot({ key: 1, version: 1 })).toBe(false);
    expect(isTableSnapshot(table)).toBe(false);
    expect(isRecordTable(null)).toBe(false);
  });
});
