import fc from 'fast-check';
import { scenario } from 'threadmill';
import { taskGroup } from 'threadmill/bridges';
import { answerOnce, fetchFrom } from '../fetching.js';
import { inTheOrderOfTheTasks } from '../order.js';

// Each task returns its result, and the group collects them: no list is shared, and the order is that of the tasks, whichever
// worker answers first.
export default scenario({
  writers: { count: fc.integer({ min: 1, max: 3 }), run: ({ index }) => answerOnce(index) },
  readers: {
    count: 1,
    async run({ workers, history }) {
      const tasks = workers.map((worker) => (signal: AbortSignal) => fetchFrom(worker, signal));
      history.read(await taskGroup((group) => group.runAll(tasks)));
    },
  },
  invariants: [inTheOrderOfTheTasks],
  expect: 'held',
});
