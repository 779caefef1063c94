import { scenario } from 'threadmill';
import { createSharedDictionary, SharedDictionary, type SharedDictionaryState } from 'threadmill/bridges';
import { count } from 'threadmill/invariants';

// Both threads find the dictionary empty, and both put their key into the first place: one key is lost, though
// its write was acknowledged.
export default scenario({
  store: () => createSharedDictionary({ entries: 2, entryBytes: 8 }),
  writers: {
    count: 2,
    run({ store, history, index }) {
      const cache = new SharedDictionary<number>(store);
      const key = index === 0 ? 'a' : 'b';
      const write = history.write(key);
      cache.set(key, index);
      write.acknowledge();
    },
  },
  invariants: [count({ items: (store: SharedDictionaryState) => new SharedDictionary(store).copy().decode().keys() })],
  expect: { verdict: 'violation', invariant: 'count' },
});
