/** What `threadmill init` writes: a small lost update that a newcomer can see fail, and fix. */
export const firstScenario = `import fc from 'fast-check';
import { scenario } from 'threadmill';
import { count } from 'threadmill/invariants';

// Two worker threads count in shared memory, and something is wrong with how they do it.
// See it break:
//
//   npx threadmill run
//
// The report shows which thread was preempted between which two operations, and how to replay that.
export default scenario({
  name: 'first: two threads, one counter',

  // Drawn for each execution, and shrunk to the smallest value that still fails.
  params: { increments: fc.integer({ min: 1, max: 3 }) },

  // Made once per execution; every agent gets the same memory.
  store: () => new Int32Array(new SharedArrayBuffer(4)),

  // Each writer is a real worker thread.
  writers: {
    count: 2,
    run({ store, params, history }) {
      for (let i = 0; i < params.increments; i++) {
        const write = history.write();
        // Reading and writing are two steps. If another thread counts in between, its increment is lost.
        // To fix it, make them one: Atomics.add(store, 0, 1);
        Atomics.store(store, 0, Atomics.load(store, 0) + 1);
        write.acknowledge();
      }
    },
  },

  // Must be true in every execution: no acknowledged write is lost, and nothing else is counted.
  invariants: [count({ of: (store: Int32Array) => store[0] })],

  // What you expect. A scenario that shows a known defect says 'violation' here, and fails if it is not found.
  expect: 'held',
});
`;
