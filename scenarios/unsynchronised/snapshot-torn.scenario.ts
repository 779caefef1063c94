import { scenario } from 'threadmill';
import { createSharedDictionary, SharedDictionary, TornEntry } from 'threadmill/bridges';

// While the reader copies a value, a thread replaces it twice. The second time, the new bytes go where the reader is copying
// from, and it gets a value that begins with one and ends with the other.
export default scenario({
  store: () => {
    const state = createSharedDictionary({ entries: 1, entryBytes: 24 });
    new SharedDictionary<string>(state).set('k', 'aaaaaaaaaaaa');
    return state;
  },
  writers: {
    count: 1,
    run({ store }) {
      const cache = new SharedDictionary<string>(store);
      cache.set('k', 'bbbbbbbbbbbb');
      cache.set('k', 'bbbbbbbbbbbb');
    },
  },
  readers: {
    count: 1,
    run({ store, history }) {
      try {
        history.read(new SharedDictionary<string>(store).copy().decode().get('k'));
      } catch (error) {
        // A value of two halves may be no value at all.
        if (!(error instanceof TornEntry)) throw error;
        history.read(error.message);
      }
    },
  },
  invariants: {
    'values as they were written': ({ event }) => {
      if (event?.kind !== 'read') return true;
      const value = event.value;
      return value === 'aaaaaaaaaaaa' || value === 'bbbbbbbbbbbb' || `somebody read ${JSON.stringify(value)}`;
    },
  },
  expect: { verdict: 'violation', invariant: 'values as they were written' },
});
