import fc from 'fast-check';
import { scenario } from 'threadmill';
import { createLockPair, LockPair, SharedDictionary } from 'threadmill/bridges';
import { oneMoment } from '../balances.js';

let pair: LockPair<number> | undefined;

// One lock for threads and coroutines: a snapshot is the state between two changes.
export default scenario({
  params: { changes: fc.integer({ min: 1, max: 2 }) },
  store: () => {
    const state = createLockPair({ entries: 2, entryBytes: 16 });
    const dictionary = new SharedDictionary<number>(state.dictionary);
    dictionary.set('left', 0);
    dictionary.set('right', 0);
    return state;
  },
  writers: {
    count: 1,
    run({ store, params }) {
      const own = new LockPair<number>(store);
      for (let change = 1; change <= params.changes; change++) {
        own.updateFromThread('left', change, { timeoutMs: Infinity });
        own.updateFromThread('right', change, { timeoutMs: Infinity });
      }
    },
  },
  readers: {
    count: fc.integer({ min: 1, max: 2 }),
    async run({ store, history }) {
      pair ??= new LockPair<number>(store);
      history.read(Object.fromEntries(await pair.read({ timeoutMs: Infinity })));
    },
  },
  invariants: [oneMoment],
});
