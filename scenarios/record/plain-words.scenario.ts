import fc from 'fast-check';
import { scenario } from 'threadmill';
import { checksum } from 'threadmill/invariants';

// A record is three words here, and every write makes all three the same. Nothing makes them change together: a reader in
// between sees the first words of one write and the last words of another.
export default scenario({
  params: { writes: fc.integer({ min: 1, max: 3 }), reads: fc.integer({ min: 1, max: 3 }) },
  store: () => new Int32Array(new SharedArrayBuffer(12)),
  writers: {
    count: 1,
    run({ store, params, history }) {
      for (let write = 1; write <= params.writes; write++) {
        const began = history.write(write);
        store[0] = write;
        store[1] = write;
        store[2] = write;
        began.acknowledge();
      }
    },
  },
  readers: {
    count: 1,
    async run({ store, params, history, pause }) {
      for (let read = 0; read < params.reads; read++) {
        history.read([store[0], store[1], store[2]]);
        await pause();
      }
    },
  },
  invariants: [checksum({ valid: (words: readonly number[]) => words.every((word) => word === words[0]) })],
  expect: { verdict: 'violation', invariant: 'checksum' },
});
