import { scenario } from 'threadmill';
import { createStateLock, PublishedLocks } from 'threadmill/bridges';
import { oneMoment } from '../balances.js';

const left = 0;
const right = 1;

// The thread changes left and then right, under its lock. The coroutine has another lock, so it copies one value before the
// changes and the other after: the two never existed together.
export default scenario({
  store: () => ({ lock: createStateLock(), state: new Int32Array(new SharedArrayBuffer(8)) }),
  writers: {
    count: 1,
    run({ store: { lock, state } }) {
      new PublishedLocks(lock).withThreadLock(() => {
        state[left] = 1;
        state[right] = 1;
      });
    },
  },
  readers: {
    count: 1,
    async run({ store: { lock, state }, history }) {
      await new PublishedLocks(lock).withAsyncLock({ timeoutMs: 1_000 }, () => {
        history.read({ left: state[left], right: state[right] });
      });
    },
  },
  invariants: [oneMoment],
  expect: { verdict: 'violation', invariant: 'one moment' },
});
