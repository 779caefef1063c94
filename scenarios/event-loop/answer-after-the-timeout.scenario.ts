import { parentPort } from 'node:worker_threads';
import fc from 'fast-check';
import { scenario, type WorkerHandle } from 'threadmill';

interface Exchange {
  readonly question: number;
  readonly answer: unknown;
}

const patienceMs = 20;

// The reader abandons a question at its timeout, and asks the next one. The abandoned answer is still under way, and the first
// message to arrive is taken for the answer to the current question.
export default scenario({
  params: { questions: fc.integer({ min: 2, max: 3 }) },
  writers: {
    count: 1,
    run: ({ params }) => squareEach(params.questions),
  },
  readers: {
    count: 1,
    async run({ workers, params, history }) {
      for (let question = 1; question <= params.questions; question++) {
        const answer = await ask(workers[0]!, question);
        history.read({ question, answer });
      }
    },
  },
  invariants: {
    'each answer is to its question': ({ event }) => {
      if (event?.kind !== 'read') return undefined;
      const { question, answer } = event.value as Exchange;
      if (answer === 'none' || answer === question ** 2) return undefined;
      return { expected: `${question ** 2} for ${question}, or none in time`, found: String(answer) };
    },
  },
  expect: { verdict: 'violation', invariant: 'each answer is to its question' },
});

function ask(worker: WorkerHandle, question: number): Promise<unknown> {
  return new Promise((resolve) => {
    const listener = (answer: unknown): void => {
      clearTimeout(timer);
      resolve(answer);
    };
    const timer = setTimeout(() => {
      worker.off('message', listener);
      resolve('none');
    }, patienceMs);
    worker.once('message', listener);
    worker.postMessage(question);
  });
}

function squareEach(questions: number): Promise<void> {
  const port = parentPort!;
  return new Promise((resolve) => {
    let answered = 0;
    const listener = (question: number): void => {
      port.postMessage(question ** 2);
      if (++answered < questions) return;
      port.off('message', listener);
      resolve();
    };
    port.on('message', listener);
  });
}
