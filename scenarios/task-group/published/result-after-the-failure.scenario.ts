import { scenario } from 'threadmill';
import { publishedGather } from 'threadmill/bridges';
import { answerOnce, fetchFrom } from '../fetching.js';

// Two tasks fetch from two workers and append to one list; the second worker fails. The gather fails with it, and the first
// task continues, so its result appears in a list that the program has given up.
export default scenario({
  writers: { count: 2, run: ({ index }) => answerOnce(index === 0 ? 10 : 'failed') },
  readers: {
    count: 1,
    async run({ workers, history }) {
      const results: number[] = [];
      const fetches = workers.map((worker) => fetchFrom(worker));
      const tell = async (fetched: Promise<number>): Promise<number> => {
        const result = await fetched;
        history.read(result);
        return result;
      };
      try {
        await publishedGather(
          results,
          fetches.map((fetched) => () => tell(fetched)),
        );
      } catch {
        history.write('the gather has failed');
      }
      await Promise.allSettled(fetches);
    },
  },
  invariants: {
    'the list stays as it was when the gather failed': ({ event, history }) => {
      if (event?.kind !== 'read') return true;
      return (
        !history.some(({ kind }) => kind === 'writeBegan') || {
          expected: 'no result after the failure',
          found: String(event.value),
        }
      );
    },
  },
  expect: { verdict: 'violation', invariant: 'the list stays as it was when the gather failed' },
});
