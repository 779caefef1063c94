import { scenario } from 'threadmill';
import { publishedGather } from 'threadmill/bridges';
import { answerOnce, fetchFrom } from '../fetching.js';
import { inTheOrderOfTheTasks } from '../order.js';

// Each task appends its result when it has it. The worker that answers first is first in the list, whichever was asked first.
export default scenario({
  writers: { count: 2, run: ({ index }) => answerOnce(index) },
  readers: {
    count: 1,
    async run({ workers, history }) {
      const results: number[] = [];
      await publishedGather(
        results,
        workers.map((worker) => () => fetchFrom(worker)),
      );
      history.read(results);
    },
  },
  invariants: [inTheOrderOfTheTasks],
  expect: { verdict: 'violation', invariant: 'results are in the order of the tasks' },
});
