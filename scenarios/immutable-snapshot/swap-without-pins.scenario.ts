import { scenario } from 'threadmill';
import { whole } from './words.js';

// The pointer is swapped atomically, and still a reader sees half of one version and half of another: while it copies, the
// second write overwrites its source. A version that has been replaced may still be read.
export default scenario({
  store: () => ({
    current: new Int32Array(new SharedArrayBuffer(4)),
    versions: [new Int32Array(new SharedArrayBuffer(8)), new Int32Array(new SharedArrayBuffer(8))] as const,
  }),
  writers: {
    count: 1,
    run({ store: { current, versions } }) {
      for (let version = 1; version <= 2; version++) {
        const other = 1 - Atomics.load(current, 0);
        versions[other]!.fill(version);
        Atomics.store(current, 0, other);
      }
    },
  },
  readers: {
    count: 1,
    run({ store: { current, versions }, history }) {
      history.read([...versions[Atomics.load(current, 0)]!]);
    },
  },
  invariants: [whole],
  expect: { verdict: 'violation', invariant: 'whole' },
});
