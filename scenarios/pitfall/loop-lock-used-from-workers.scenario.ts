import { scenario } from 'threadmill';
import { AsyncLock } from 'threadmill/bridges';
import { mutualExclusion } from 'threadmill/invariants';

const lock = new AsyncLock();

// One lock in one module, it seems, and everybody takes it. But each worker has loaded the module for itself, and has a lock of its
// own: nobody is kept out by it but other coroutines of the same worker.
export default scenario({
  name: 'pitfall: a loop-side lock used from workers',
  store: () => new Int32Array(new SharedArrayBuffer(4)),
  writers: {
    count: 2,
    async run({ store, history }) {
      await lock.acquire();
      const section = history.write('the lock');
      store[0]! += 1;
      section.acknowledge();
      lock.release();
    },
  },
  invariants: [mutualExclusion()],
  expect: { verdict: 'violation', invariant: 'mutualExclusion' },
});
