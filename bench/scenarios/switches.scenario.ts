import { scenario } from 'threadmill';

/** Two writers with only visible operations. The benchmark's schedule switches before each of them. */
export default scenario({
  name: 'bench: switches',
  store: () => new Int32Array(new SharedArrayBuffer(8)),
  writers: {
    count: 2,
    run({ store, index }) {
      for (let done = 0; done < 2_000; done++) Atomics.add(store, index, 1);
    },
  },
});
