import { createRecordTable, readTable, writeRecord, type RecordTable } from 'threadmill/record-table';
import type { Bridge } from '../bridge.js';
import { allClosed, createClosedWriters, sayClosed, type ClosedWriters } from '../unsynchronised/closed-writers.js';
import { createVersionPool, VersionPool, type VersionPoolState } from './version-pool.js';

/** A table for each version, which of them is current, and the table that holds the last version once the bridge is closed. */
export interface ImmutableSnapshotRecordsState {
  /** The last version. Empty until the bridge is closed. */
  readonly table: RecordTable;
  readonly versions: readonly RecordTable[];
  readonly pool: VersionPoolState;
  readonly closed: ClosedWriters;
}

/** Reads are short and never cross an `await`, so few old versions are in use at any time. */
const versionsOfTheTable = 4;

const tableVersion = 0;
const recordCount = 1;
const tableWords = 2;
const recordWords = 3;

/**
 * Records of which each write publishes a whole new table. A writer waits without a timeout, blocking its thread: a slow
 * machine is not an error.
 */
export const immutableSnapshotRecords: Bridge<ImmutableSnapshotRecordsState> = {
  name: 'immutable-snapshot',
  variant: 'hardened',
  promises: {
    delivery: 'all of it, once',
    order: 'one order of all writes',
    freshness: 'a read sees every write acknowledged before it',
    bounds: 'the size and the number of versions; writers wait while readers hold all old ones',
    whoMayBlock: 'writers, until a timeout; readers never',
    shutdown: 'nothing to shut down; a writer that died can be recovered',
  },
  open: ({ capacity, payloadWords }) => ({
    table: createRecordTable({ capacity, payloadWords }),
    versions: Array.from({ length: versionsOfTheTable }, () => createRecordTable({ capacity, payloadWords })),
    pool: createVersionPool(versionsOfTheTable),
    closed: createClosedWriters(),
  }),
  writerEnd: ({ versions, pool, closed }) => {
    const writers = new VersionPool(pool);
    return {
      write: ({ key, payload }) =>
        writers.publishFromThread((from, to) => {
          copyTable(versions[from]!, versions[to]!);
          writeRecord(versions[to]!, key, payload);
        }),
      close: () => sayClosed(closed),
    };
  },
  readerEnd: ({ table, versions, pool, closed }, { workers }) => {
    const readers = new VersionPool(pool);
    return {
      read: () => readers.read((slot) => readTable(versions[slot]!)),
      stats: () => ({ applied: readers.read((slot) => Atomics.load(versions[slot]!.words, tableVersion)) }),
      close: async () => {
        await allClosed(closed, workers.length);
        readers.read((slot) => copyTable(versions[slot]!, table));
      },
    };
  },
};

/** Copies the existing records, and the next record's place: a writer that died may have left data there. */
function copyTable(from: RecordTable, to: RecordTable): void {
  const places = Math.min(from.words[recordCount]! + 1, from.capacity);
  const used = tableWords + places * (recordWords + from.payloadWords);
  // Copies two words at a time. A table with an odd number of words ends with half a pair.
  const pairs = Math.min(Math.ceil(used / 2), Math.floor(from.words.length / 2));
  new BigInt64Array(to.words.buffer, 0, pairs).set(new BigInt64Array(from.words.buffer, 0, pairs));
  if (2 * pairs < used) to.words[used - 1] = from.words[used - 1]!;
}
