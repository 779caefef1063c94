import { scenario } from 'threadmill';
import { BoundaryDiagnosis, createBoundaryDiagnosis } from 'threadmill/bridges';
import { verdictIs } from './verdict.js';

// Threads and a coroutine change the same words without a lock. Most executions do no harm; the diagnosis finds the fault in all.
export default scenario({
  store: () => ({
    diagnosis: createBoundaryDiagnosis({ agents: 3, kinds: 2 }),
    visits: new Int32Array(new SharedArrayBuffer(4)),
  }),
  writers: {
    count: 2,
    run({ store }) {
      const visits = new BoundaryDiagnosis(store.diagnosis).watchStore('visits', store.visits);
      visits[0]! += 1;
    },
  },
  readers: {
    count: 1,
    run({ store }) {
      const visits = new BoundaryDiagnosis(store.diagnosis).watchStore('visits', store.visits);
      visits.fill(0);
    },
  },
  invariants: [verdictIs('crosses the boundary unguarded', 3)],
});
