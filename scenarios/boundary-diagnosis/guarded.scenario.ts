import { scenario } from 'threadmill';
import { BoundaryDiagnosis, createBoundaryDiagnosis, createStateLock, StateLock } from 'threadmill/bridges';
import { count } from 'threadmill/invariants';
import { verdictIs, type Diagnosed } from './verdict.js';

interface Store extends Diagnosed {
  readonly lock: Int32Array<SharedArrayBuffer>;
  readonly visits: Int32Array;
}

// Threads and a coroutine change the same word under one lock, and the diagnosis says so in every execution.
export default scenario({
  store: (): Store => ({
    diagnosis: createBoundaryDiagnosis({ agents: 3, kinds: 2 }),
    lock: createStateLock(),
    visits: new Int32Array(new SharedArrayBuffer(4)),
  }),
  writers: {
    count: 2,
    run({ store, history }) {
      const diagnosis = new BoundaryDiagnosis(store.diagnosis);
      const lock = diagnosis.watchLock('the lock', new StateLock(store.lock));
      const visits = diagnosis.watchStore('visits', store.visits);
      const write = history.write();
      lock.withLock(() => (visits[0]! += 1));
      write.acknowledge();
    },
  },
  readers: {
    count: 1,
    async run({ store, history }) {
      const diagnosis = new BoundaryDiagnosis(store.diagnosis);
      const lock = diagnosis.watchLock('the lock', new StateLock(store.lock));
      const addVisit = diagnosis.watch('visits', () => (store.visits[0]! += 1), { site: 'addVisit' });
      const write = history.write();
      await lock.withLockAsync(addVisit);
      write.acknowledge();
    },
  },
  invariants: [verdictIs('guarded', 3), count({ of: (store: Store) => store.visits[0] })],
});
