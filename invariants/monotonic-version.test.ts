import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRecordTable, readRecord, readTable, writeRecord, type RecordTable } from '../harness/authoring.js';
import { monotonicVersion } from './monotonic-version.js';
import { perfectExecutions, told, type Task } from './testing/told.js';

describe('monotonicVersion', () => {
  it('is called monotonicVersion', () => expect(monotonicVersion().name).toBe('monotonicVersion'));

  it('holds while versions stay or rise', () => {
    expect(told(monotonicVersion(), null, [{ read: 0 }, { read: 2 }, { read: 2 }, { read: 3n }])).toBe('holds');
  });

  it('tells who saw a version go back', () => {
    expect(
      told(monotonicVersion(), null, [
        { read: 2, by: 1 },
        { read: 1, by: 1 },
      ]),
    ).toBe('reader 1 to see a version of 2 or more, since it has seen that | 1');
  });

  it('compares each reader with itself', () => {
    expect(
      told(monotonicVersion(), null, [
        { read: 2, by: 0 },
        { read: 1, by: 1 },
        { read: 2, by: 0 },
      ]),
    ).toBe('holds');
  });

  it('compares each key with itself, apart from the whole', () => {
    const read = (key: number, version: number) => ({ read: { key, version } });
    expect(told(monotonicVersion(), null, [read(1, 5), read(2, 1), { read: 3 }, read(1, 5)])).toBe('holds');
    expect(told(monotonicVersion(), null, [read(1, 5), read(2, 1), read(1, 4)])).toBe(
      'reader 0 to see a version of key 1 of 5 or more, since it has seen that | 4',
    );
    expect(told(monotonicVersion(), null, [{ read: { version: 2 } }, { read: { version: 1 } }])).toContain('| 1');
  });

  it('looks into snapshots of a record table', () => {
    const table = createRecordTable({ capacity: 2 });
    writeRecord(table, 1, [0, 0]);
    const early = readTable(table);
    writeRecord(table, 1, [0, 0]);
    const late = readTable(table);
    expect(told(monotonicVersion(), table, [{ read: early }, { read: late }, { read: readRecord(table, 1) }])).toBe(
      'holds',
    );
    expect(told(monotonicVersion(), table, [{ read: late }, { read: early }])).toContain('a version of 2 or more');
    expect(told(monotonicVersion(), table, [{ read: late }, { read: { ...early, version: 2 } }])).toContain(
      'a version of key 1 of 2 or more',
    );
  });

  it('finds versions where it is told to', () => {
    const revision = monotonicVersion({ of: (settings: { revision: number }) => settings.revision });
    expect(told(revision, null, [{ read: { revision: 2 } }, { read: { revision: 1 } }])).toContain('| 1');
    const several = monotonicVersion({
      of: (pair: readonly number[]) => [{ key: 'a', version: pair[0] ?? 0 }, pair[1] ?? 0],
    });
    expect(told(several, null, [{ read: [1, 5] }, { read: [1, 6] }])).toBe('holds');
    expect(told(several, null, [{ read: [1, 5] }, { read: [0, 6] }])).toContain('key "a"');
    expect(told(several, null, [{ read: [1, 5] }, { read: [2, 4] }])).toContain('a version of 5');
  });

  it('ignores what says nothing about versions', () => {
    expect(told(monotonicVersion(), null, [{ read: 5 }, { read: 'text' }, { read: undefined }, { read: {} }])).toBe(
      'holds',
    );
    expect(told(monotonicVersion({ of: () => undefined }), null, [{ read: 5 }, { read: 1 }])).toBe('holds');
    expect(
      told(monotonicVersion(), null, [
        { begin: 'a', value: 5 },
        { begin: 'b', value: 1 },
      ]),
    ).toBe('holds');
  });

  it('gives no false alarm', () => {
    const task = fc.constantFrom<Task<RecordTable>>(
      { value: { key: 0 }, effect: (table) => writeRecord(table, 0, [0, 0]) },
      { value: { key: 1 }, effect: (table) => writeRecord(table, 1, [0, 0]) },
      { effect: readTable },
      { effect: (table) => readRecord(table, 1) },
      { effect: (table) => readTable(table).version },
    );
    const parties = fc.array(fc.array(task, { maxLength: 4 }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(
        perfectExecutions(() => createRecordTable({ capacity: 2 }), parties),
        ({ store, happenings }) => {
          expect(told(monotonicVersion(), store, happenings)).toBe('holds');
        },
      ),
    );
  });
});
