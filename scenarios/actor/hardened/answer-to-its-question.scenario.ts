import { parentPort } from 'node:worker_threads';
import { setTimeout } from 'node:timers/promises';
import fc from 'fast-check';
import { scenario } from 'threadmill';
import { Actor, ActorRef, lineOver, Unacknowledged, WaitTimeout } from 'threadmill/bridges';
import { eachAnswerToItsQuestion, type Exchange } from '../squares.js';

const patienceMs = 20;

// Questions are abandoned on both sides of a port. Each answer goes to its own request, and an answer that
// comes too late is dropped.
export default scenario({
  params: { questions: fc.integer({ min: 1, max: 3 }) },
  writers: {
    count: 1,
    async run() {
      const squares = new Actor({
        name: 'squares',
        state: null,
        handle: async (_, question: number) => {
          await setTimeout(patienceMs);
          return question ** 2;
        },
      });
      await squares.serve(lineOver(parentPort!, 'squares'), { window: 2 });
      await squares.stop();
    },
  },
  readers: {
    count: 1,
    async run({ params, workers, history }) {
      const squares = new ActorRef<number, number>(lineOver(workers[0]!, 'squares'));
      for (let question = 1; question <= params.questions; question++) {
        const answer = await squares.request(question, { timeoutMs: patienceMs }).catch((error: unknown) => {
          if (error instanceof WaitTimeout || error instanceof Unacknowledged) return 'none';
          throw error;
        });
        history.read([question, answer] satisfies Exchange);
      }
      await squares.close();
    },
  },
  invariants: [eachAnswerToItsQuestion],
  expect: 'held',
});
