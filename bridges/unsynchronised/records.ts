import { createRecordTable, readTable, writeRecord, type RecordTable } from 'threadmill/record-table';
import type { Bridge } from '../bridge.js';
import { allClosed, createClosedWriters, sayClosed, type ClosedWriters } from './closed-writers.js';

/** A table that all agents read and write, and a word in which writers record that they have ended. */
export interface UnsynchronisedRecordsState {
  readonly table: RecordTable;
  readonly closed: ClosedWriters;
}

/**
 * Records with no protection at all. Two writers that add their first records at the same time use the same slot, two that
 * write at the same time use the same version, and readers see records half written.
 */
export const unsynchronisedRecords: Bridge<UnsynchronisedRecordsState> = {
  name: 'unsynchronised',
  variant: 'published',
  promises: {
    delivery: 'none: an acknowledged write may get lost',
    order: 'none',
    freshness: 'a read sees all writes, half-finished ones included',
    bounds: 'the table, which throws when it is full',
    whoMayBlock: 'no thread',
    shutdown: 'nothing to shut down',
  },
  open: ({ capacity, payloadWords }) => ({
    table: createRecordTable({ capacity, payloadWords }),
    closed: createClosedWriters(),
  }),
  writerEnd: ({ table, closed }) => ({
    write: ({ key, payload }) => void writeRecord(table, key, payload),
    close: () => sayClosed(closed),
  }),
  readerEnd: ({ table, closed }, { workers }) => ({
    read: () => readTable(table),
    stats: () => ({ applied: Atomics.load(table.words, 0) }),
    close: () => allClosed(closed, workers.length),
  }),
};
