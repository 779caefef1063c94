import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRecordTable, readRecord, readTable, writeRecord, type RecordTable } from '../harness/authoring.js';
import { checksum } from './checksum.js';
import { perfectExecutions, told, type Happening, type Task } from './testing/told.js';

const write = (name: string, key: number, payload: readonly number[]): Happening => ({
  begin: name,
  value: { key, payload },
});

describe('checksum with a validity of its own', () => {
  const valid = (words: readonly number[]): boolean => words.every((word) => word === words[0]);
  const allSame = checksum({ valid, of: (store: Int32Array) => [...store] });

  it('is called checksum', () => expect(allSame.name).toBe('checksum'));

  it('holds while everything read is whole', () => {
    expect(told(allSame, Int32Array.of(2, 2), [{ read: [0, 0] }, { read: [1, 1] }])).toBe('holds');
  });

  it('tells who saw a torn record', () => {
    expect(told(allSame, Int32Array.of(2, 2), [{ read: [0, 0] }, { read: [1, 0], by: 2 }])).toBe(
      'a whole record | reader 2 saw a torn one: [1, 0]',
    );
  });

  it('judges what is left in the store', () => {
    expect(told(allSame, Int32Array.of(2, 1), [])).toBe('a whole record | the store holds a torn one: [2, 1]');
    expect(told(checksum({ valid }), null, [{ read: [1, 1] }])).toBe('holds');
  });

  it('repeats the reason that was given', () => {
    const reasoned = checksum({ valid: (value) => (value === 1 ? undefined : 'one word is missing') });
    expect(told(reasoned, null, [{ read: 1 }, { read: 2 }])).toBe(
      'a whole record | reader 0 saw a torn one: 2, since one word is missing',
    );
  });
});

describe('checksum with a fold', () => {
  const sum = checksum({
    of: (store: Int32Array) => store[0] ?? 0,
    fold: { initial: 0, apply: (total, value) => total + Number(value) },
  });
  const twoDeposits: Happening[] = [
    { begin: 'a', value: 10 },
    { begin: 'b', value: 5 },
    { acknowledge: 'b' },
    { acknowledge: 'a' },
  ];

  it('holds when the store is the sum of what was acknowledged', () => {
    expect(told(sum, Int32Array.of(15), twoDeposits)).toBe('holds');
  });

  it('tells the sum when the store is another', () => {
    expect(told(sum, Int32Array.of(10), twoDeposits)).toBe(
      'the sum of 2 acknowledged writes, such as 15 | 10, to which they do not add up in any order',
    );
  });

  it('lets a write that was not acknowledged count or not', () => {
    expect(told(sum, Int32Array.of(15), [...twoDeposits, { begin: 'c', value: 1 }])).toBe('holds');
    expect(told(sum, Int32Array.of(16), [...twoDeposits, { begin: 'c', value: 1 }])).toBe('holds');
    expect(told(sum, Int32Array.of(11), [...twoDeposits, { begin: 'c', value: 1 }])).toContain('11, to which');
  });

  it('hands on what the bridge answered', () => {
    const byResult = checksum({
      of: (store: { readonly log: readonly unknown[] }) => store.log,
      fold: { initial: [] as readonly unknown[], apply: (log, value, result) => [...log, [value, result]] },
    });
    const happenings: Happening[] = [
      { begin: 'a', value: 'x' },
      { acknowledge: 'a', result: 1 },
    ];
    expect(told(byResult, { log: [['x', 1]] }, happenings)).toBe('holds');
    expect(told(byResult, { log: [['x', 2]] }, happenings)).toContain('such as [["x", 1]]');
  });
});

describe('checksum of a record table', () => {
  const tableWith = (...writes: readonly (readonly [key: number, ...payload: number[]])[]): RecordTable => {
    const table = createRecordTable({ capacity: 3, payloadWords: 2 });
    for (const [key, ...payload] of writes) writeRecord(table, key, payload);
    return table;
  };

  it('holds for whole records', () => {
    const table = tableWith([1, 2, 3]);
    expect(
      told(checksum(), table, [
        write('a', 1, [2, 3]),
        { read: readRecord(table, 1) },
        { read: readTable(table) },
        { acknowledge: 'a' },
      ]),
    ).toBe('holds');
  });

  it('tells of a torn record, read or left', () => {
    const torn = tableWith([1, 2, 3]);
    torn.words[2 + 4] = 9;
    const begun = write('a', 1, [2, 3]);
    expect(told(checksum(), tableWith([1, 2, 3]), [begun, { read: readRecord(torn, 1) }])).toMatch(
      /^a whole record: checksum -?\d+ for what it holds \| reader 0 saw a torn one: \{checksum: -?\d+, key: 1, payload: \[2, 9\], version: 1\}$/,
    );
    expect(told(checksum(), tableWith([1, 2, 3]), [begun, { read: readTable(torn) }])).toContain(
      'reader 0 saw a torn one',
    );
    expect(told(checksum(), torn, [begun])).toContain('the store holds a torn one');
    const inField = checksum({ of: (store: { table: RecordTable }) => store.table });
    expect(told(inField, { table: torn }, [begun])).toContain('the store holds a torn one');
  });

  it('tells of a whole record that was never written', () => {
    const table = tableWith([1, 2, 3]);
    expect(told(checksum(), table, [write('a', 1, [3, 3]), { read: readRecord(table, 1) }])).toBe(
      'key 1 with a payload that was written under it | reader 0 saw [2, 3], which was never written there',
    );
    expect(told(checksum(), table, [{ begin: 'a', value: 'who knows' }, { read: readRecord(table, 1) }])).toBe('holds');
  });

  it('tells of a record that went back to an older payload', () => {
    const oldLast = tableWith([1, 8, 8], [1, 7, 7]);
    expect(
      told(checksum(), oldLast, [
        write('a', 1, [7, 7]),
        { acknowledge: 'a' },
        write('b', 1, [8, 8]),
        { acknowledge: 'b' },
      ]),
    ).toBe('key 1 to end with the payload of its last write: [8, 8] | [7, 7], which a later write had replaced');
    const overlapping: Happening[] = [
      write('a', 1, [7, 7]),
      write('b', 1, [8, 8]),
      { acknowledge: 'a' },
      { acknowledge: 'b' },
    ];
    expect(told(checksum(), oldLast, overlapping)).toBe('holds');
    const pending: Happening[] = [write('a', 1, [7, 7]), write('b', 1, [8, 8]), { acknowledge: 'b' }];
    expect(told(checksum(), oldLast, pending)).toBe('holds');
  });

  it('says what to do about another store', () => {
    const misused = checksum() as unknown as ReturnType<typeof checksum<number[], number[]>>;
    expect(told(misused, [1], [])).toContain('a record table, or checksum({ valid })');
  });

  it('gives no false alarm', () => {
    const key = fc.nat({ max: 2 });
    const word = fc.nat({ max: 3 });
    const task = fc.oneof(
      fc.tuple(key, word, word).map(([key, ...payload]): Task<RecordTable> => ({
        value: { key, payload },
        effect: (table) => writeRecord(table, key, payload),
      })),
      key.map((key): Task<RecordTable> => ({ effect: (table) => readRecord(table, key) })),
      fc.constant<Task<RecordTable>>({ effect: readTable }),
    );
    const parties = fc.array(fc.array(task, { maxLength: 4 }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(
        perfectExecutions(() => tableWith(), parties),
        ({ store, happenings }) => {
          expect(told(checksum(), store, happenings)).toBe('holds');
        },
      ),
    );
    const asMap = checksum({
      of: (table: RecordTable) => new Map(readTable(table).records.map((record) => [record.key, record.payload])),
      fold: {
        initial: new Map(),
        apply: (before, value) => {
          const { key, payload } = value as { key: number; payload: number[] };
          return new Map(before).set(key, payload);
        },
      },
    });
    fc.assert(
      fc.property(
        perfectExecutions(() => tableWith(), parties),
        ({ store, happenings }) => {
          expect(told(asMap, store, happenings)).toBe('holds');
        },
      ),
    );
  });
});
