import fc from 'fast-check';
import { createRecordTable, readTable, scenario, writeRecord, type RecordTable } from 'threadmill';
import { mutex } from 'threadmill/bridges';
import { checksum, count, monotonicVersion } from 'threadmill/invariants';

const tableOf = (store: { readonly table: RecordTable }): RecordTable => store.table;

// Several writers, several readers, one table, one mutex: no writer runs while a snapshot is taken.
export default scenario({
  params: { writes: fc.integer({ min: 1, max: 2 }), reads: fc.integer({ min: 1, max: 2 }) },
  store: () => ({
    table: createRecordTable({ capacity: 2, payloadWords: 2 }),
    lock: new Int32Array(new SharedArrayBuffer(4)),
  }),
  writers: {
    count: fc.integer({ min: 2, max: 3 }),
    run({ store: { table, lock }, params, history, index }) {
      const guard = mutex(lock);
      for (let write = 0; write < params.writes; write++) {
        const entry = { key: (index + write) % 2, payload: [index, write] };
        const began = history.write(entry);
        const version = guard.withLock(() => writeRecord(table, entry.key, entry.payload));
        began.acknowledge(version);
      }
    },
  },
  readers: {
    count: fc.integer({ min: 1, max: 2 }),
    async run({ store: { table, lock }, params, history, pause }) {
      const guard = mutex(lock);
      for (let read = 0; read < params.reads; read++) {
        history.read(guard.withLock(() => readTable(table)));
        await pause();
      }
    },
  },
  invariants: [count({ of: tableOf }), checksum({ of: tableOf }), monotonicVersion()],
  expect: 'held',
});
