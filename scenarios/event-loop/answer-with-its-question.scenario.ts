import { parentPort } from 'node:worker_threads';
import fc from 'fast-check';
import { scenario, type WorkerHandle } from 'threadmill';

interface Answer {
  readonly question: number;
  readonly square: number;
}

const patienceMs = 20;

// The cure for the answer after the timeout: every answer names its question, and the reader ignores
// answers to abandoned questions.
export default scenario({
  params: { questions: fc.integer({ min: 1, max: 3 }) },
  writers: {
    count: 1,
    run: ({ params }) => squareEach(params.questions),
  },
  readers: {
    count: 1,
    async run({ workers, params, history }) {
      for (let question = 1; question <= params.questions; question++) {
        const square = await ask(workers[0]!, question);
        if (square !== undefined) history.read({ question, square });
      }
    },
  },
  invariants: {
    'each answer is to its question': ({ event }) => {
      if (event?.kind !== 'read') return undefined;
      const { question, square } = event.value as Answer;
      return square === question ** 2 || { expected: `${question ** 2} for ${question}`, found: String(square) };
    },
  },
  expect: 'held',
});

function ask(worker: WorkerHandle, question: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const finish = (square: number | undefined): void => {
      clearTimeout(timer);
      worker.off('message', listener);
      resolve(square);
    };
    const listener = (message: unknown): void => {
      const answer = message as Answer;
      if (answer.question === question) finish(answer.square);
    };
    const timer = setTimeout(() => finish(undefined), patienceMs);
    worker.on('message', listener);
    worker.postMessage(question);
  });
}

function squareEach(questions: number): Promise<void> {
  const port = parentPort!;
  return new Promise((resolve) => {
    let answered = 0;
    const listener = (question: number): void => {
      port.postMessage({ question, square: question ** 2 } satisfies Answer);
      if (++answered < questions) return;
      port.off('message', listener);
      resolve();
    };
    port.on('message', listener);
  });
}
