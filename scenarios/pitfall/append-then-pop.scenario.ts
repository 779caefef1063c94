import { scenario } from 'threadmill';
import { mutex } from 'threadmill/bridges';

const lockWord = 0;
const length = 1;
const firstItem = 2;

// A thread appends to a list, and pops from it. Each operation is atomic, but in between another
// thread appends something.
export default scenario({
  store: () => new Int32Array(new SharedArrayBuffer(16)),
  writers: {
    count: 2,
    run({ store, history, index }) {
      const lock = mutex(store, lockWord);
      const append = (item: number): void => {
        store[firstItem + store[length]!] = item;
        store[length]! += 1;
      };
      const pop = (): number => {
        store[length]! -= 1;
        return store[firstItem + store[length]!]!;
      };
      lock.withLock(() => append(index));
      history.read(lock.withLock(pop));
    },
  },
  invariants: {
    'everybody gets back their own': ({ event }) => {
      if (event?.kind !== 'read' || event.value === event.participant.index) return true;
      return {
        expected: `writer ${event.participant.index} to take what it has put there`,
        found: `what writer ${String(event.value)} has`,
      };
    },
  },
  expect: { verdict: 'violation', invariant: 'everybody gets back their own' },
});
