import { scenario } from 'threadmill';
import { createSharedDictionary, SharedDictionary, type SharedDictionaryState } from 'threadmill/bridges';
import { count } from 'threadmill/invariants';

const hits = (store: SharedDictionaryState): number => new SharedDictionary<number>(store).get('hits') ?? 0;

// Both threads read the number of hits, and both write one more than that: one of the two hits is not counted.
export default scenario({
  store: () => {
    const state = createSharedDictionary({ entries: 1, entryBytes: 8 });
    new SharedDictionary<number>(state).set('hits', 0);
    return state;
  },
  writers: {
    count: 2,
    run({ store, history }) {
      const cache = new SharedDictionary<number>(store);
      const write = history.write();
      const seen = cache.get('hits')!;
      history.read(seen);
      cache.set('hits', seen + 1);
      write.acknowledge();
    },
  },
  invariants: [count({ of: hits })],
  expect: { verdict: 'violation', invariant: 'count' },
});
