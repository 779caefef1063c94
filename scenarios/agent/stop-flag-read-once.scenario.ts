import { scenario } from 'threadmill';

// The worker copies the stop flag into a variable and then watches the variable. Unless the flag was set from the beginning,
// the loop runs forever, and passes no scheduling point at which another agent could run.
export default scenario({
  store: () => new Int32Array(new SharedArrayBuffer(4)),
  writers: {
    count: 1,
    run({ store }) {
      const stop = Atomics.load(store, 0);
      while (stop === 0) {
        // Long work on private memory.
      }
    },
  },
  readers: {
    count: 1,
    run({ store }) {
      Atomics.store(store, 0, 1);
    },
  },
  limits: { hangTimeoutMs: 500 },
  expect: 'hang',
});
