import { createRecordTable, readRecord, scenario, writeRecord } from 'threadmill';
import { checksum } from 'threadmill/invariants';

// The coroutine reads a record while a thread writes it: some words are new, the checksum is
// still that of the old ones.
export default scenario({
  store: () => createRecordTable({ capacity: 1, payloadWords: 1 }),
  writers: {
    count: 1,
    run({ store, history }) {
      const write = history.write({ key: 7, payload: [1] });
      writeRecord(store, 7, [1]);
      write.acknowledge();
    },
  },
  readers: {
    count: 1,
    run({ store, history }) {
      const record = readRecord(store, 7);
      if (record !== undefined) history.read(record);
    },
  },
  invariants: [checksum()],
  expect: { verdict: 'violation', invariant: 'checksum' },
});
