import fc from 'fast-check';
import { scenario } from 'threadmill';
import { count } from 'threadmill/invariants';
import { mutexWithoutRecheck } from './mutex-without-recheck.js';

const counter = 0;
const lock = 1;

// A woken worker goes ahead without marking the mutex as taken, so the one that has just released it finds it free and enters
// too. There are only two workers: a third, asleep when a worker that does not hold the mutex releases it, would never be
// woken, and the scenario would end in a deadlock about as often.
export default scenario({
  params: { increments: fc.integer({ min: 2, max: 4 }) },
  store: () => new Int32Array(new SharedArrayBuffer(8)),
  writers: {
    count: 2,
    run({ store, params, history }) {
      const guard = mutexWithoutRecheck(store, lock);
      for (let increment = 0; increment < params.increments; increment++) {
        const began = history.write();
        guard.withLock(() => store[counter]!++);
        began.acknowledge();
      }
    },
  },
  invariants: [count({ of: (store: Int32Array) => store[counter] })],
  expect: { verdict: 'violation', invariant: 'count' },
});
