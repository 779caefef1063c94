import { createRecordTable, readTable, writeRecord, type RecordTable } from 'threadmill/record-table';
import type { Bridge } from '../bridge.js';
import { allClosed, createClosedWriters, sayClosed, type ClosedWriters } from '../unsynchronised/closed-writers.js';
import { PublishedLocks } from './published.js';
import { createStateLock, StateLock, type StateLockState } from './state-lock.js';

/** A table, the memory of its lock, and a word in which writers record that they have ended. */
export interface LockPairRecordsState {
  readonly table: RecordTable;
  readonly lock: StateLockState;
  readonly closed: ClosedWriters;
}

const open: Bridge<LockPairRecordsState>['open'] = ({ capacity, payloadWords }) => ({
  table: createRecordTable({ capacity, payloadWords }),
  lock: createStateLock(),
  closed: createClosedWriters(),
});

/**
 * Records under the two locks of the published design: writers exclude each other, and readers each other. Notifications have
 * no listener here, so none are sent.
 */
export const publishedLockPairRecords: Bridge<LockPairRecordsState> = {
  name: 'lock-pair',
  variant: 'published',
  promises: {
    delivery: 'all of it, once',
    order: 'one order of all writes',
    freshness: 'a read sees all writes, half-finished ones included',
    bounds: 'the dictionary, which throws when it is full',
    whoMayBlock: 'threads, for each other, with no timeout; coroutines wait for each other',
    shutdown: 'nothing to shut down; a thread that dies in the lock keeps it',
  },
  open,
  writerEnd: ({ table, lock, closed }) => {
    const locks = new PublishedLocks(lock);
    return {
      write: ({ key, payload }) => void locks.withThreadLock(() => writeRecord(table, key, payload)),
      close: () => sayClosed(closed),
    };
  },
  readerEnd: ({ table, lock, closed }, { workers }) => {
    const locks = new PublishedLocks(lock);
    return {
      read: () => locks.withAsyncLock({ timeoutMs: Infinity }, () => readTable(table)),
      stats: () => ({ applied: Atomics.load(table.words, 0) }),
      close: () => allClosed(closed, workers.length),
    };
  },
};

/**
 * Records under the single lock of `LockPair`. A writer waits without a timeout, blocking its thread: a
 * slow machine is not an error.
 */
export const lockPairRecords: Bridge<LockPairRecordsState> = {
  name: 'lock-pair',
  variant: 'hardened',
  promises: {
    delivery: 'all of it, once',
    order: 'one order of all writes',
    freshness: 'a read sees every write acknowledged before it',
    bounds: 'the dictionary, which throws when it is full',
    whoMayBlock: 'threads, until a timeout; coroutines wait without blocking, until a timeout',
    shutdown: 'close() ends notifications; the lock of a dead thread can be recovered',
  },
  open,
  writerEnd: ({ table, lock, closed }) => {
    const stateLock = new StateLock(lock);
    return {
      write: ({ key, payload }) => void stateLock.withLock(() => writeRecord(table, key, payload)),
      close: () => sayClosed(closed),
    };
  },
  readerEnd: ({ table, lock, closed }, { workers }) => {
    const stateLock = new StateLock(lock);
    return {
      read: () => stateLock.withLockAsync(() => readTable(table)),
      stats: () => ({ applied: Atomics.load(table.words, 0) }),
      close: () => allClosed(closed, workers.length),
    };
  },
};
