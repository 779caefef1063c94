import fc from 'fast-check';
import { scenario } from 'threadmill';
import { monotonicVersion } from 'threadmill/invariants';

const current = 0;
const cached = 1;
const notCached = 0;

// A look-aside cache: readers that find it empty fetch the version and put it there, writers empty it after each change. A
// reader that is slow to return from its fetch puts an old version where a newer one was already seen, and the next read, from
// the cache this time, goes back in time.
export default scenario({
  params: { writes: fc.integer({ min: 1, max: 2 }) },
  store: () => {
    const words = new Int32Array(new SharedArrayBuffer(8));
    words[current] = 1;
    words[cached] = notCached;
    return words;
  },
  writers: {
    count: 1,
    run({ store, params, history }) {
      for (let write = 0; write < params.writes; write++) {
        const began = history.write();
        const version = Atomics.add(store, current, 1) + 1;
        Atomics.store(store, cached, notCached);
        began.acknowledge(version);
      }
    },
  },
  readers: {
    count: 2,
    async run({ store, history, pause }) {
      const readVersion = async (): Promise<number> => {
        const inCache = Atomics.load(store, cached);
        if (inCache !== notCached) return inCache;
        const fetched = Atomics.load(store, current);
        // The answer takes time.
        await pause();
        Atomics.store(store, cached, fetched);
        return fetched;
      };
      history.read(await readVersion());
      await pause();
      history.read(await readVersion());
    },
  },
  invariants: [monotonicVersion()],
  expect: { verdict: 'violation', invariant: 'monotonicVersion' },
});
