import { scenario } from 'threadmill';
import { AsyncQueue, createLockPair, PublishedLockPair } from 'threadmill/bridges';

// The lock is free and the reader gets it. What the reader then waits for does not come in time, and that is reported as
// starvation of the loop.
export default scenario({
  store: () => createLockPair({ entries: 1, entryBytes: 8 }),
  readers: {
    count: 1,
    async run({ store, history }) {
      const answers = new AsyncQueue<string>();
      const manager = new PublishedLockPair<string>(store);
      try {
        await manager.read({ timeoutMs: 1_000 }, () => answers.get({ timeoutMs: 10 }));
      } catch (error) {
        history.read((error as Error).name);
      }
    },
  },
  invariants: {
    'the truth about time-outs': ({ event }) => {
      if (event?.kind !== 'read' || event.value !== 'StateReadTimeout') return true;
      return { expected: 'a time-out of what the reader waited for', found: 'a time-out of the lock, which was free' };
    },
  },
  expect: { verdict: 'violation', invariant: 'the truth about time-outs' },
});
