import fc from 'fast-check';
import { scenario } from 'threadmill';
import { SharedCounter } from 'threadmill/bridges';
import { count, monotonicVersion } from 'threadmill/invariants';

// Each increment is one atomic operation, and each update is repeated if another agent was faster: nothing is lost,
// and no agent ever waits.
export default scenario({
  params: { increments: fc.integer({ min: 1, max: 3 }) },
  store: () => new BigInt64Array(new SharedArrayBuffer(8)),
  writers: {
    count: fc.integer({ min: 2, max: 3 }),
    run({ store, params, index, history }) {
      const counter = new SharedCounter(store);
      for (let increment = 0; increment < params.increments; increment++) {
        const write = history.write();
        if ((index + increment) % 2 === 0) counter.increment();
        else counter.update((value) => value + 1);
        write.acknowledge();
      }
    },
  },
  readers: {
    count: 1,
    async run({ store, history, pause }) {
      const counter = new SharedCounter(store);
      history.read(counter.value);
      await pause();
      history.read(counter.value);
    },
  },
  invariants: [count({ of: (store: BigInt64Array) => store[0] }), monotonicVersion()],
  expect: 'held',
});
