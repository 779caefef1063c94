import { scenario } from 'threadmill';

// The worker reads the flag that should stop it into a variable of its own, and then watches the variable: unless the
// flag was up from the beginning, the loop runs for ever, and passes no scheduling point where anybody could step in.
export default scenario({
  name: 'agent: loop without a scheduling point',
  store: () => new Int32Array(new SharedArrayBuffer(4)),
  writers: {
    count: 1,
    run({ store }) {
      const stop = Atomics.load(store, 0);
      while (stop === 0) {
        // Some long work on private memory.
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
