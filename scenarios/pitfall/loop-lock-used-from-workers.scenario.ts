import { scenario } from 'threadmill';
import { AsyncLock } from 'threadmill/bridges';
import { mutualExclusion } from 'threadmill/invariants';

const lock = new AsyncLock();

// It looks like one lock in one module, which all agents take. But each worker has loaded the module separately, and has its
// own lock: it excludes only other coroutines of the same worker.
export default scenario({
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
