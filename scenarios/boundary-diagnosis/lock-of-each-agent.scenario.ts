import { scenario } from 'threadmill';
import { AsyncLock, BoundaryDiagnosis, createBoundaryDiagnosis } from 'threadmill/bridges';
import { verdictIs } from './verdict.js';

const lock = new AsyncLock();

// The lock has one name in the source, but each agent has a different one. So the diagnosis counts a lock for each agent.
export default scenario({
  store: () => ({
    diagnosis: createBoundaryDiagnosis({ agents: 2, kinds: 1 }),
    visits: new Int32Array(new SharedArrayBuffer(4)),
  }),
  writers: {
    count: 2,
    async run({ store }) {
      const diagnosis = new BoundaryDiagnosis(store.diagnosis);
      const watchedLock = diagnosis.watchLock('the lock', lock);
      const visits = diagnosis.watchStore('visits', store.visits);
      await watchedLock.acquire();
      visits[0]! += 1;
      watchedLock.release();
    },
  },
  invariants: [verdictIs('crosses the boundary unguarded', 2)],
});
