import fc from 'fast-check';
import { createRecordTable, readTable, writeRecord } from 'threadmill/record-table';
import { describe, expect, it } from 'vitest';
import { ExpectedRecords, SeenRecords, Violations } from './round/expected-records.js';
import { Latencies } from './round/latencies.js';
import { dueAfterMs, keyOf, keysPerWriter, payloadOf, writeOf } from './workload.js';

const payloadWords = 4;

/** The number of keys, the number of writes of each writer, and their order. */
const histories = fc
  .record({
    counts: fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 4 }),
    keys: fc.integer({ min: 1, max: 12 }),
  })
  .chain(({ counts, keys }) => {
    const writes = counts.flatMap((count, writer) => Array.from({ length: count }, () => writer));
    return fc.record({
      counts: fc.constant(counts),
      keysOfEach: fc.constant(keysPerWriter(keys, counts.length)),
      order: fc.shuffledSubarray(writes, { minLength: writes.length }),
    });
  });

interface Played {
  readonly table: ReturnType<typeof createRecordTable>;
  readonly expected: ExpectedRecords;
}

/** Writes a history into a table, and calls back after each write. */
function play(
  { counts, keysOfEach, order }: { counts: number[]; keysOfEach: number; order: number[] },
  afterEach: (played: Played, writer: number, sequence: number) => void = () => undefined,
): Played {
  const expected = new ExpectedRecords(counts.length, keysOfEach);
  const table = createRecordTable({ capacity: expected.keys, payloadWords });
  const next = counts.map(() => 0);
  for (const writer of order) {
    const sequence = next[writer]!++;
    writeRecord(table, keyOf(writer, sequence, counts.length, keysOfEach), payloadOf(writer, sequence, payloadWords));
    afterEach({ table, expected }, writer, sequence);
  }
  return { table, expected };
}

describe('payloads', () => {
  it('say which write they are of, and one changed word is no write’s', () => {
    const write = fc.record({
      writer: fc.nat({ max: 63 }),
      sequence: fc.nat({ max: 1e6 }),
      word: fc.integer({ min: 2, max: 7 }),
    });
    fc.assert(
      fc.property(write, ({ writer, sequence, word }) => {
        const payload = payloadOf(writer, sequence, 8);
        expect(writeOf(payload)).toEqual({ writer, sequence });
        payload[word]! ^= 1;
        expect(writeOf(payload)).toBeUndefined();
      }),
    );
  });
});

describe('what is expected of records', () => {
  it('is met by every table that every write went into', () => {
    fc.assert(
      fc.property(histories, (history) => {
        const violations = new Violations();
        let seen: SeenRecords | undefined;
        const { table, expected } = play(history, (played) => {
          seen ??= new SeenRecords('reader', played.expected, violations);
          seen.see(readTable(played.table));
        });
        expected.judgeEnd(readTable(table), history.counts, violations);
        expect(violations.kept).toEqual([]);
      }),
    );
  });

  it('is not met if one write is lost, whichever it is', () => {
    fc.assert(
      fc.property(
        histories.filter(({ order }) => order.length > 0),
        fc.nat(),
        (history, which) => {
          const lost = which % history.order.length;
          const expected = new ExpectedRecords(history.counts.length, history.keysOfEach);
          const table = createRecordTable({ capacity: expected.keys, payloadWords });
          const next = history.counts.map(() => 0);
          for (const [place, writer] of history.order.entries()) {
            const sequence = next[writer]!++;
            if (place === lost) continue;
            const key = keyOf(writer, sequence, history.counts.length, history.keysOfEach);
            writeRecord(table, key, payloadOf(writer, sequence, payloadWords));
          }
          const violations = new Violations();
          expected.judgeEnd(readTable(table), history.counts, violations);
          expect(violations.count).toBeGreaterThan(0);
        },
      ),
    );
  });

  it('names what is torn, and what goes back', () => {
    const { table, expected } = play({ counts: [3], keysOfEach: 1, order: [0, 0, 0] });
    const newest = readTable(table);
    const violations = new Violations();
    const seen = new SeenRecords('reader 0', expected, violations);
    seen.see(newest);
    seen.see({ ...newest, version: 2, records: [{ ...newest.records[0]!, checksum: 1 }] });
    seen.see(readTable(play({ counts: [1], keysOfEach: 1, order: [0] }).table));
    expect(violations.kept).toEqual([
      'reader 0: version 2 of the table after 3',
      'reader 0: a torn record under key 0',
      'reader 0: version 1 of the table after 2',
      'reader 0: version 1 of key 0 after 3',
    ]);
  });

  it('keeps the first few violations and counts all', () => {
    const violations = new Violations();
    for (let count = 0; count < 100; count++) violations.add(`${count}`);
    expect(violations).toMatchObject({ count: 100, kept: Array.from({ length: 10 }, (_, place) => `${place}`) });
  });
});

describe('latencies', () => {
  it('count every write of the batch once, however seldom anybody looks', () => {
    fc.assert(
      fc.property(histories, fc.integer({ min: 1, max: 5 }), fc.nat({ max: 20 }), (history, lookEvery, earlier) => {
        const { counts, keysOfEach, order } = history;
        const before = Math.min(earlier, order.length);
        const writtenBefore = counts.map(
          (_, writer) => order.slice(0, before).filter((each) => each === writer).length,
        );
        const maximumWrites = 10;
        const stampsMs = new Float64Array(counts.length * maximumWrites);
        let latencies: Latencies | undefined;
        let nowMs = 0;
        const { table } = play(history, (played, writer, sequence) => {
          nowMs++;
          if (nowMs <= before) return;
          stampsMs[writer * maximumWrites + sequence - writtenBefore[writer]!] = nowMs;
          const options = { writers: counts.length, keysOfEach, writtenBefore, stampsMs, maximumWrites };
          latencies ??= new Latencies({ expected: played.expected, ...options });
          if (nowMs % lookEvery === 0) latencies.see(readTable(played.table), nowMs);
        });
        if (latencies === undefined) return;
        latencies.see(readTable(table), nowMs);
        expect(latencies.seen).toBe(order.length - before);
        // No write waits longer than until the next look.
        for (const us of latencies.us) expect(us).toBeLessThan(lookEvery * 1_000);
        for (const us of latencies.us) expect(us).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});

describe('dueAfterMs', () => {
  it('follows the rate, the bursts, or both', () => {
    const due = (ratePerSecond: number | null, burst: { records: number; pauseMs: number } | null): number[] =>
      [0, 1, 2, 3, 4].map((sequence) => dueAfterMs(sequence, { ratePerSecond, burst }));
    expect(due(null, null)).toEqual([0, 0, 0, 0, 0]);
    expect(due(500, null)).toEqual([0, 2, 4, 6, 8]);
    expect(due(null, { records: 2, pauseMs: 10 })).toEqual([0, 0, 10, 10, 20]);
    expect(due(1_000, { records: 2, pauseMs: 10 })).toEqual([0, 1, 12, 13, 24]);
  });
});
