import { invariant, scenario } from 'threadmill';

/** The load/store counter of every comparison: three writers, ten increments each. It never fails here. */
export default scenario({
  name: 'bench: counter',
  store: () => new Int32Array(new SharedArrayBuffer(4)),
  writers: {
    count: 3,
    run({ store }) {
      for (let increment = 0; increment < 10; increment++) Atomics.store(store, 0, Atomics.load(store, 0) + 1);
    },
  },
  invariants: [invariant<Int32Array>('counts at all', ({ store, final }) => !final || store[0] !== 0)],
});
