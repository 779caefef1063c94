import fc from 'fast-check';
import { scenario } from 'threadmill';
import { taskGroup, TaskGroupFailed } from 'threadmill/bridges';
import { answerOnce, fetchFrom } from '../fetching.js';

// Any of the workers may fail, and the others then never answer. The group ends when all its tasks
// have ended: the remaining ones have been cancelled, and record nothing more.
export default scenario({
  params: { failing: fc.subarray([0, 1, 2]), isSilent: fc.boolean() },
  writers: {
    count: fc.integer({ min: 1, max: 3 }),
    run({ params: { failing, isSilent }, index, writers }) {
      if (failing.includes(index)) return answerOnce('failed');
      if (isSilent && failing.some((other) => other < writers)) return;
      return answerOnce(10 + index);
    },
  },
  readers: {
    count: 1,
    async run({ params, workers, history, pause }) {
      const expected = workers.some((_, index) => params.failing.includes(index)) ? 'failed' : '10,11,12';
      let outcome: string;
      try {
        const results = await taskGroup((group) =>
          group.runAll(
            workers.map((worker) => async (signal: AbortSignal) => {
              try {
                const result = await fetchFrom(worker, signal);
                history.read(result);
                return result;
              } finally {
                await pause();
                history.read('cleaned up');
              }
            }),
          ),
        );
        outcome = results.join(',');
      } catch (error) {
        if (!(error instanceof TaskGroupFailed)) throw error;
        outcome = 'failed';
      }
      history.write('the group has ended');
      await pause();
      if (!expected.startsWith(outcome)) throw new Error(`expected ${expected}, found ${outcome}`);
    },
  },
  invariants: {
    'nothing runs after the end of the group': ({ event, history }) => {
      if (event?.kind !== 'read') return true;
      const end = history.find(({ kind }) => kind === 'writeBegan');
      return end === undefined || { expected: 'nothing after the end', found: String(event.value) };
    },
  },
  expect: 'held',
});
