import fc from 'fast-check';
import { createRecordTable, readTable, scenario, writeRecord } from 'threadmill';
import { checksum, count, monotonicVersion } from 'threadmill/invariants';

// The table without protection. Writers lose each other's versions and take the same slot for two keys; readers see records
// half written. The schedule decides which of the invariants reports it first.
export default scenario({
  params: { writes: fc.integer({ min: 1, max: 2 }), reads: fc.integer({ min: 1, max: 2 }) },
  // Room for every write to take its own slot, as racing writes may.
  store: () => createRecordTable({ capacity: 6, payloadWords: 2 }),
  writers: {
    count: fc.integer({ min: 2, max: 3 }),
    run({ store, params, history, index }) {
      for (let write = 0; write < params.writes; write++) {
        const entry = { key: (index + write) % 2, payload: [index, write] };
        const began = history.write(entry);
        began.acknowledge(writeRecord(store, entry.key, entry.payload));
      }
    },
  },
  readers: {
    count: 1,
    async run({ store, params, history, pause }) {
      for (let read = 0; read < params.reads; read++) {
        history.read(readTable(store));
        await pause();
      }
    },
  },
  invariants: [count(), checksum(), monotonicVersion()],
  expect: 'violation',
});
