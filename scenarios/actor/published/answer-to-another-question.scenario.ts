import { setTimeout } from 'node:timers/promises';
import { scenario } from 'threadmill';
import { AsyncQueue, PublishedActor, WaitTimeout, type PublishedActorMessage } from 'threadmill/bridges';
import { eachAnswerToItsQuestion, type Exchange } from '../squares.js';

const patienceMs = 20;

class Squares extends PublishedActor {
  override async handle({ payload }: PublishedActorMessage): Promise<unknown> {
    await setTimeout(patienceMs);
    return (payload as number) ** 2;
  }
}

// One reply queue for all questions, as in the article's pipeline. The reader abandons the first question at its timeout and
// asks the next. The abandoned answer still arrives, and is taken for the answer to the second question.
export default scenario({
  readers: {
    count: 1,
    async run({ history }) {
      const squares = new Squares('squares');
      void squares.run();
      const reply = new AsyncQueue<unknown>();
      for (const question of [2, 3]) {
        history.write(`${question} squared`);
        await squares.send({ type: 'square', payload: question, replyTo: reply });
        const answer = await reply.get({ timeoutMs: patienceMs }).catch((error: unknown) => {
          if (error instanceof WaitTimeout) return 'none';
          throw error;
        });
        history.read([question, answer] satisfies Exchange);
      }
    },
  },
  invariants: [eachAnswerToItsQuestion],
  expect: { verdict: 'violation', invariant: 'each answer is to its question' },
});
