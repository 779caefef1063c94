import fc from 'fast-check';
import { scenario } from 'threadmill';
import { taskGroup, WaitTimeout } from 'threadmill/bridges';
import { answerOnce, fetchFrom } from '../fetching.js';

// A group in a task of another one. Its timeout may come at any moment, and its own signal may abort. In every case the inner
// group, with all its tasks, ends before the outer one does.
export default scenario({
  params: { patienceMs: fc.constantFrom(0, 10), isAborted: fc.boolean() },
  writers: { count: fc.integer({ min: 1, max: 2 }), run: ({ index }) => answerOnce(index) },
  readers: {
    count: 1,
    async run({ params: { patienceMs, isAborted }, workers, history, pause }) {
      const outside = new AbortController();
      const reason = new Error('enough');
      const inner = async (signal: AbortSignal): Promise<unknown> => {
        history.read('inner begins');
        try {
          return await taskGroup(
            (group) =>
              group.runAll(workers.map((worker) => (own: AbortSignal) => fetchFrom(worker, own).finally(pause))),
            { signal },
          );
        } finally {
          history.read('inner ends');
        }
      };
      const options = { timeoutMs: patienceMs, signal: outside.signal };
      const outer = taskGroup((group) => group.run(inner), options).catch((error: unknown) => {
        if (error !== reason && !(error instanceof WaitTimeout)) throw error;
      });
      await pause();
      if (isAborted) outside.abort(reason);
      await outer;
      history.read('outer ends');
      await pause();
    },
  },
  invariants: {
    'no group ends before the groups in it': ({ history, final }) => {
      if (!final) return undefined;
      const words = history.flatMap((event) => (event.kind === 'read' ? [event.value as string] : []));
      const expected = 'inner begins, inner ends, outer ends';
      const found = words.join(', ');
      return found === expected || { expected, found };
    },
  },
  expect: 'held',
});
