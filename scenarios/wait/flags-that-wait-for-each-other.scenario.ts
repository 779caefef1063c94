import { scenario } from 'threadmill';

// A meeting point the wrong way round: each worker raises its flag only once it has seen the other's, so neither
// ever does, and both spin.
export default scenario({
  store: () => new Int32Array(new SharedArrayBuffer(8)),
  writers: {
    count: 2,
    run({ store, index }) {
      while (Atomics.load(store, 1 - index) === 0) {
        // Keep looking.
      }
      Atomics.store(store, index, 1);
    },
  },
  limits: { stepsWithoutProgress: 1_000 },
  expect: 'livelock',
});
