import fc from 'fast-check';
import { scenario } from 'threadmill';

const ready = 0;
const bell = 1;
const jobsDone = 2;

// The waiter looks at one word and sleeps on another, which never changes: the value that Atomics.wait compares protects
// nothing. If the bell rings between the look and the sleep, it is not heard and never rings again.
export default scenario({
  params: { jobs: fc.integer({ min: 0, max: 2 }) },
  store: () => new Int32Array(new SharedArrayBuffer(12)),
  writers: {
    count: 2,
    run({ store, params, index }) {
      if (index === 0) {
        for (let job = 0; job < params.jobs; job++) Atomics.add(store, jobsDone, 1);
        if (Atomics.load(store, ready) === 0) Atomics.wait(store, bell, 0);
      } else {
        Atomics.store(store, ready, 1);
        Atomics.notify(store, bell);
      }
    },
  },
  expect: 'deadlock',
});
