import fc from 'fast-check';
import { scenario } from 'threadmill';
import { whole } from './words.js';

// The reader looks up the current version, and then pins it. In between the version is replaced and its memory given to the
// next one, so the reader reads while it is written. The lookup and the pin must be one operation.
export default scenario({
  params: { writes: fc.integer({ min: 2, max: 5 }) },
  store: () => ({
    current: new Int32Array(new SharedArrayBuffer(4)),
    pins: new Int32Array(new SharedArrayBuffer(8)),
    versions: [new Int32Array(new SharedArrayBuffer(24)), new Int32Array(new SharedArrayBuffer(24))] as const,
  }),
  writers: {
    count: 1,
    run({ store: { current, pins, versions }, params }) {
      for (let version = 1; version <= params.writes; version++) {
        const other = 1 - Atomics.load(current, 0);
        while (Atomics.load(pins, other) > 0);
        versions[other]!.fill(version);
        Atomics.store(current, 0, other);
      }
    },
  },
  readers: {
    count: fc.integer({ min: 1, max: 4 }),
    run({ store: { current, pins, versions }, history }) {
      const found = Atomics.load(current, 0);
      Atomics.add(pins, found, 1);
      history.read([...versions[found]!]);
      Atomics.sub(pins, found, 1);
    },
  },
  invariants: [whole],
  expect: { verdict: 'violation', invariant: 'whole' },
});
