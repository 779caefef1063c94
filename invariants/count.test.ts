import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRecordTable, readRecord, readTable, writeRecord, type RecordTable } from '../harness/authoring.js';
import { count } from './count.js';
import { perfectExecutions, told, type Happening, type Task } from './testing/told.js';

const twoWrites: Happening[] = [{ begin: 'a' }, { begin: 'b' }, { acknowledge: 'a' }, { acknowledge: 'b' }];

describe('count of a number', () => {
  const ofFirst = count({ of: (store: Int32Array) => store[0] });

  it('is called count', () => expect(ofFirst.name).toBe('count'));

  it('holds when every acknowledged write is there', () => {
    expect(told(ofFirst, Int32Array.of(2), twoWrites)).toBe('holds');
    expect(told(ofFirst, Int32Array.of(0), [])).toBe('holds');
  });

  it('tells how many acknowledged writes are lost', () => {
    expect(told(ofFirst, Int32Array.of(1), twoWrites)).toBe(
      'a final count of 2: 2 writes were acknowledged | 1, so 1 acknowledged write was lost',
    );
    expect(told(ofFirst, Int32Array.of(0), twoWrites)).toContain('0, so 2 acknowledged writes were lost');
  });

  it('tells how many were never written', () => {
    expect(told(ofFirst, Int32Array.of(5), twoWrites)).toContain('5, which is 3 more than were written');
  });

  it('lets a write that was not acknowledged be there or not', () => {
    const happenings = [...twoWrites, { begin: 'c' }];
    expect(told(ofFirst, Int32Array.of(2), happenings)).toBe('holds');
    expect(told(ofFirst, Int32Array.of(3), happenings)).toBe('holds');
    expect(told(ofFirst, Int32Array.of(1), happenings)).toBe(
      'a final count from 2 to 3: 2 writes were acknowledged, 1 more had begun | 1, so 1 acknowledged write was lost',
    );
    expect(told(ofFirst, Int32Array.of(4), happenings)).toContain('1 more than were written');
  });

  it('lets a read tell of anything that has begun, and of less', () => {
    expect(told(ofFirst, Int32Array.of(1), [{ begin: 'a' }, { read: 1 }, { acknowledge: 'a' }, { read: 0 }])).toBe(
      'holds',
    );
  });

  it('does not let a read tell of more than has begun', () => {
    expect(told(ofFirst, Int32Array.of(2), [{ begin: 'a' }, { read: 2, by: 3 }])).toBe(
      'reader 3 to see a count from 0 to 1: 1 write had begun | 2',
    );
    expect(told(ofFirst, Int32Array.of(0), [{ read: -1 }])).toContain('| -1');
  });

  it('ignores reads of other things', () => {
    expect(told(ofFirst, Int32Array.of(0), [{ read: 'text' }, { read: [7] }, { read: undefined }])).toBe('holds');
    const noReads = count({ of: (store: Int32Array) => store[0], read: () => undefined });
    expect(told(noReads, Int32Array.of(0), [{ read: 99 }])).toBe('holds');
  });

  it('finds the number in what was read', () => {
    const inField = count({ of: (store: Int32Array) => store[0], read: (value: { total: number }) => value.total });
    expect(told(inField, Int32Array.of(0), [{ read: { total: 1 } }])).toContain('reader 0 to see a count of 0');
  });

  it('counts from an initial number, and in bigints', () => {
    const fromTen = count({ of: (store: BigInt64Array) => store[0], initial: 10n });
    expect(told(fromTen, BigInt64Array.of(12n), twoWrites)).toBe('holds');
    expect(told(fromTen, BigInt64Array.of(11n), twoWrites)).toBe(
      'a final count of 12: it began at 10, and 2 writes were acknowledged | 11, so 1 acknowledged write was lost',
    );
    const ofBigint = count({ of: (store: BigInt64Array) => store[0] });
    expect(told(ofBigint, BigInt64Array.of(2n), [...twoWrites, { read: 2n }])).toBe('holds');
  });

  it('says when there is no number', () => {
    expect(told(ofFirst, new Int32Array(0), twoWrites)).toBe('a final count of 2 | undefined, which is not a number');
    expect(told(count({ of: () => Number.NaN }), null, twoWrites)).toBe(
      'a final count of 2 | NaN, which is not a number',
    );
  });

  it('begins anew for each execution', () => {
    for (let execution = 0; execution < 3; execution++)
      expect(told(ofFirst, Int32Array.of(2), twoWrites)).toBe('holds');
  });
});

describe('count of items', () => {
  const inStore = count({ items: (store: readonly unknown[]) => store });
  const pushed: Happening[] = [
    { begin: 'a', value: { id: 1, tags: ['x'] } },
    { acknowledge: 'a' },
    { begin: 'b', value: 'b' },
    { acknowledge: 'b' },
  ];

  it('holds when each acknowledged item is there, in any order', () => {
    expect(told(inStore, ['b', { tags: ['x'], id: 1 }], pushed)).toBe('holds');
  });

  it('tells which item is lost, was never written, or is there twice', () => {
    expect(told(inStore, ['b'], pushed)).toBe(
      'the store to hold {id: 1, tags: ["x"]}: its write was acknowledged | it was lost',
    );
    expect(told(inStore, ['b', 'c'], pushed)).toBe(
      'the store to hold only what was written | the store holds "c", which was never written',
    );
    expect(told(inStore, ['b', 'b'], pushed)).toBe(
      'the store to hold "b" no more often than it was written, 1 time | the store holds it 2 times',
    );
  });

  it('counts equal items one by one', () => {
    const twice: Happening[] = [
      { begin: 'a', value: 1 },
      { acknowledge: 'a' },
      { begin: 'b', value: 1 },
      { acknowledge: 'b' },
    ];
    expect(told(inStore, [1, 1], twice)).toBe('holds');
    expect(told(inStore, [1], twice)).toBe(
      'the store to hold 1 2 times: its write was acknowledged | it is there 1 time',
    );
  });

  it('judges what readers saw by what had begun', () => {
    expect(told(inStore, ['b'], [{ begin: 'b', value: 'b' }, { read: ['b'] }, { acknowledge: 'b' }])).toBe('holds');
    expect(told(inStore, ['b'], [{ read: ['b'], by: 1 }])).toContain('reader 1 saw "b", which was never written');
    expect(told(inStore, [], [{ begin: 'b', value: 'b' }, { read: ['b', 'b'] }])).toContain('reader 0 saw it 2 times');
  });

  it('goes together with a number', () => {
    const both = count({ of: (store: readonly unknown[]) => store.length, items: (store) => store });
    expect(told(both, ['b', { id: 1, tags: ['x'] }], pushed)).toBe('holds');
    expect(told(both, ['b'], pushed)).toContain('a final count of 2');
    expect(told(both, ['b', 'c'], pushed)).toContain('"c", which was never written');
  });
});

describe('count of a record table', () => {
  const entry = (name: string, key: number): Happening[] => [
    { begin: name, value: { key, payload: [key, 0] } },
    { acknowledge: name },
  ];
  const tableWith = (...keys: readonly number[]): RecordTable => {
    const table = createRecordTable({ capacity: 4 });
    for (const key of keys) writeRecord(table, key, [key, 0]);
    return table;
  };

  it('holds when each write has made one version', () => {
    expect(told(count(), tableWith(1, 2, 1), [...entry('a', 1), ...entry('b', 2), ...entry('c', 1)])).toBe('holds');
  });

  it('finds the table in a larger store', () => {
    const inField = count({ of: (store: { table: RecordTable }) => store.table });
    expect(told(inField, { table: tableWith(1) }, entry('a', 1))).toBe('holds');
    expect(told(inField, { table: tableWith() }, entry('a', 1))).toBe(
      'key 1 with a final version of 1: 1 write of it was acknowledged | the record is not there',
    );
  });

  it('tells of a lost version, a foreign key, and wrong totals', () => {
    expect(told(count(), tableWith(1), [...entry('a', 1), ...entry('b', 1)])).toBe(
      'key 1 with a final version of 2: 2 writes of it were acknowledged | 1, so 1 acknowledged write was lost',
    );
    expect(told(count(), tableWith(1, 2), entry('a', 1))).toBe(
      'only keys that were written | the table holds key 2, which was never written',
    );
    const lostVersion = tableWith(1, 2);
    lostVersion.words[0] = 1;
    expect(told(count(), lostVersion, [...entry('a', 1), ...entry('b', 2)])).toBe(
      'a final table version of 2, one for each write | 1, so 1 acknowledged write was lost',
    );
    const lostCount = tableWith(1, 2);
    lostCount.words[1] = 1;
    expect(told(count(), lostCount, [...entry('a', 1), ...entry('b', 2)])).toBe(
      'a final count of 2, the records in the table | 1',
    );
    const doubled = tableWith(1, 2);
    doubled.words[2 + 5] = 1;
    expect(told(count(), doubled, [...entry('a', 1), ...entry('b', 1)])).toBe(
      'key 1 in one slot of the table | the table holds it in two slots',
    );
  });

  it('judges snapshots and records by what had begun', () => {
    const begun: Happening[] = [{ begin: 'a', value: { key: 1, payload: [1, 0] } }];
    expect(told(count(), tableWith(1), [...begun, { read: readTable(tableWith(1)) }])).toBe('holds');
    expect(told(count(), tableWith(1), [...begun, { read: readTable(tableWith()) }])).toBe('holds');
    expect(told(count(), tableWith(1), [...begun, { read: readTable(tableWith(1, 1)) }])).toContain(
      'reader 0 to see a table version from 0 to 1',
    );
    expect(told(count(), tableWith(1), [...begun, { read: { version: 1, count: 2, records: [] } }])).toContain(
      'reader 0 to see a count from 0 to 1',
    );
    expect(told(count(), tableWith(1), [...begun, { read: readRecord(tableWith(2), 2) }])).toContain(
      'reader 0 saw key 2, which was never written',
    );
    expect(told(count(), tableWith(1), [...begun, { read: readRecord(tableWith(1, 1), 1) }])).toContain('version 2');
  });

  it('judges totals alone when writes do not name their keys', () => {
    expect(told(count(), tableWith(1, 2), twoWrites)).toBe('holds');
    expect(told(count(), tableWith(1), twoWrites)).toContain('a final table version of 2');
  });

  it('says what to do about another store', () => {
    const misused = count() as unknown as ReturnType<typeof count<{ counter: number }>>;
    expect(told(misused, { counter: 1 }, [])).toBe(
      'a record table, or count({ of }) or count({ items }) to say what to count in the store | {counter: 1}, and neither option',
    );
  });
});

describe('count gives no false alarm', () => {
  it('over a counter', () => {
    const write: Task<Int32Array> = { value: undefined, effect: (store) => (store[0] = (store[0] ?? 0) + 1) };
    const read: Task<Int32Array> = { effect: (store) => store[0] };
    const parties = fc.array(fc.array(fc.constantFrom(write, read), { maxLength: 4 }), { minLength: 1, maxLength: 4 });
    const of = count({ of: (store: Int32Array) => store[0] });
    fc.assert(
      fc.property(
        perfectExecutions(() => new Int32Array(1), parties),
        ({ store, happenings }) => {
          expect(told(of, store, happenings)).toBe('holds');
        },
      ),
    );
  });

  it('over a list', () => {
    const write = fc.nat({ max: 2 }).map((value): Task<number[]> => ({ value, effect: (store) => store.push(value) }));
    const read: Task<number[]> = { effect: (store) => [...store] };
    const parties = fc.array(fc.array(fc.oneof(write, fc.constant(read)), { maxLength: 4 }), {
      minLength: 1,
      maxLength: 4,
    });
    const items = count({ items: (store: readonly number[]) => store });
    fc.assert(
      fc.property(
        perfectExecutions((): number[] => [], parties),
        ({ store, happenings }) => {
          expect(told(items, store, happenings)).toBe('holds');
        },
      ),
    );
  });
});
