import { scenario } from 'threadmill';
import { BoundaryDiagnosis, createBoundaryDiagnosis, createStateLock, PublishedLocks } from 'threadmill/bridges';
import { verdictIs } from './verdict.js';

// Each side has a lock, but the thread has one and the coroutine the other. No lock was held by both, and
// that decides the verdict.
export default scenario({
  store: () => ({
    diagnosis: createBoundaryDiagnosis({ agents: 2, kinds: 2 }),
    locks: createStateLock(),
    state: new Int32Array(new SharedArrayBuffer(4)),
  }),
  writers: {
    count: 1,
    run({ store }) {
      const diagnosis = new BoundaryDiagnosis(store.diagnosis);
      const update = diagnosis.watch('state', () => (store.state[0] = 1), { site: 'update' });
      new PublishedLocks(store.locks).withThreadLock(() => diagnosis.holding('the thread lock', update));
    },
  },
  readers: {
    count: 1,
    async run({ store, pause }) {
      const diagnosis = new BoundaryDiagnosis(store.diagnosis);
      const look = diagnosis.watch('state', () => store.state[0], { site: 'look', access: 'read' });
      await new PublishedLocks(store.locks).withAsyncLock({}, () =>
        diagnosis.holding('the async lock', async () => {
          await pause();
          look();
        }),
      );
    },
  },
  invariants: [verdictIs('crosses the boundary unguarded', 2)],
});
