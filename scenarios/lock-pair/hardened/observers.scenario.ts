import fc from 'fast-check';
import { scenario } from 'threadmill';
import { createLockPair, LockPair } from 'threadmill/bridges';

let pair: LockPair<number> | undefined;

// Two threads each count up their own key, and one that both share. An observer that is called with a key reads it: if the last
// change of any key were not reported, the reader would wait forever.
export default scenario({
  params: { changes: fc.integer({ min: 1, max: 2 }) },
  store: () => createLockPair({ entries: 3, entryBytes: 16 }),
  writers: {
    count: fc.integer({ min: 1, max: 2 }),
    run({ store, params, index }) {
      const own = new LockPair<number>(store);
      for (let change = 0; change < params.changes; change++) {
        own.updateFromThread(`of ${index}`, (present = 0) => present + 1, { timeoutMs: Infinity });
      }
      own.updateFromThread('shared', (present = 0) => present + 1, { timeoutMs: Infinity });
    },
  },
  readers: {
    count: 1,
    async run({ store, params, writers }) {
      pair ??= new LockPair<number>(store);
      const observed = pair;
      const left = new Map([['shared', writers]]);
      for (let index = 0; index < writers; index++) left.set(`of ${index}`, params.changes);
      const look = async (key: string, done: () => void): Promise<void> => {
        if ((await observed.get(key, { timeoutMs: Infinity })) === left.get(key)) left.delete(key);
        if (left.size === 0) done();
      };
      await new Promise<void>((done) => {
        void observed
          .onChange((key) => void look(key, done), { timeoutMs: Infinity })
          // Keys that existed before the observer are not reported.
          .then(() => [...left.keys()].map((key) => look(key, done)));
      });
      observed.close();
    },
  },
});
