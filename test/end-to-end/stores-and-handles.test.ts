import { describe, expect, it } from 'vitest';
import { Experiment } from './experiment.js';

const experiment = new Experiment();
const stress = { engine: 'stress', runs: undefined, explorers: undefined, stress: { profile: 'quick' } } as const;

describe('a store that loses its methods on the way to a writer', () => {
  it('is told as such, under both engines', async () => {
    const text = {
      before: `class Limiter { left = 3; take() { return this.left--; } }
const taking = (limiter: Limiter): number => limiter.take();`,
      fields: `store: () => ({ inner: { limiter: new Limiter() } }),
        writers: { count: 1, run({ store }) { taking(store.inner.limiter); } },`,
    };
    const message =
      /^TypeError: limiter\.take is not a function\nstore\.inner\.limiter is a copy made by structuredClone, which drops methods\./;
    const failure = { verdict: 'crash', agent: 1, message: expect.stringMatching(message) as string };
    expect((await experiment.run(text)).counterexample?.failure).toMatchObject(failure);
    expect((await experiment.run(text, stress)).stress?.failure).toMatchObject(failure);
  });
});

describe('a handle of a writer', () => {
  it('goes where a Worker goes, and says what it cannot do', async () => {
    const text = {
      before: `import { parentPort, type Worker } from 'node:worker_threads';
const ask = (worker: Worker): Promise<number> => new Promise((resolve) => {
  worker.once('message', resolve);
  worker.postMessage(worker.threadId);
});`,
      fields: `writers: { count: 2, run() { parentPort!.once('message', (id: number) => parentPort!.postMessage(id * 10)); } },
        readers: { count: 1, async run({ workers, history }) {
          history.read(await Promise.all(workers.map(ask)));
          let refusal = '';
          try { await workers[0]!.terminate(); } catch (error) { refusal = (error as Error).message; }
          history.read(refusal);
        } },
        invariants: { 'answers and a refusal': ({ history, final }) => !final || (
          JSON.stringify(history[0]!.value) === '[10,20]' && /^terminate\\(\\) of a writer's handle is not supported/.test(String(history[1]!.value))) },`,
    };
    expect(await experiment.run(text)).toMatchObject({ verdict: 'held' });
    expect(await experiment.run(text, stress)).toMatchObject({ verdict: 'held' });
  });
});
