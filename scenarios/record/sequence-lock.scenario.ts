import fc from 'fast-check';
import { scenario } from 'threadmill';
import { sequenceLock } from 'threadmill/bridges';
import { checksum } from 'threadmill/invariants';

// The record of plain words again, with a sequence lock around it: readers take no lock, and look again if a
// writer was at work in between.
export default scenario({
  params: { writes: fc.integer({ min: 1, max: 2 }), reads: fc.integer({ min: 1, max: 2 }) },
  store: () => ({
    sequence: new Int32Array(new SharedArrayBuffer(4)),
    record: new Int32Array(new SharedArrayBuffer(12)),
  }),
  writers: {
    count: fc.integer({ min: 1, max: 2 }),
    run({ store: { sequence, record }, params, history, index }) {
      const lock = sequenceLock(sequence);
      for (let write = 1; write <= params.writes; write++) {
        const value = 10 * index + write;
        const began = history.write(value);
        lock.write(() => {
          record[0] = value;
          record[1] = value;
          record[2] = value;
        });
        began.acknowledge();
      }
    },
  },
  readers: {
    count: fc.integer({ min: 1, max: 2 }),
    async run({ store: { sequence, record }, params, history, pause }) {
      const lock = sequenceLock(sequence);
      for (let read = 0; read < params.reads; read++) {
        history.read(lock.read(() => [record[0], record[1], record[2]]));
        await pause();
      }
    },
  },
  invariants: [
    checksum({
      valid: (words: readonly number[]) => words.every((word) => word === words[0]),
      of: (store: { readonly record: Int32Array }) => [...store.record],
    }),
  ],
  expect: 'held',
});
