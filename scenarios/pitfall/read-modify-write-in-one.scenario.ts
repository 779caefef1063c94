import fc from 'fast-check';
import { scenario } from 'threadmill';
import { createLockPair, LockPair, SharedDictionary, type LockPairState } from 'threadmill/bridges';
import { count } from 'threadmill/invariants';

const hits = (store: LockPairState): number => new SharedDictionary<number>(store.dictionary).get('hits') ?? 0;

// The lock pair receives the function that makes the new value from the old one, and calls it under the lock: reading and
// writing are one operation, on threads and on the loop.
export default scenario({
  store: () => createLockPair({ entries: 1, entryBytes: 8 }),
  writers: {
    count: fc.integer({ min: 1, max: 2 }),
    run({ store, history }) {
      const write = history.write();
      new LockPair<number>(store).updateFromThread('hits', (seen = 0) => seen + 1, { timeoutMs: Infinity });
      write.acknowledge();
    },
  },
  readers: {
    count: 1,
    async run({ store, history }) {
      const write = history.write();
      await new LockPair<number>(store).update('hits', (seen = 0) => seen + 1, { timeoutMs: Infinity });
      write.acknowledge();
    },
  },
  invariants: [count({ of: hits })],
});
