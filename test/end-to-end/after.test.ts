import { describe, expect, it } from 'vitest';
import { Experiment, replay } from './experiment.js';

const experiment = new Experiment();

const stress = { engine: 'stress', runs: undefined, explorers: undefined, stress: { profile: 'quick' } } as const;

/** Each writer adds one; what \`after\` and the invariants see is what a scenario writes about it. */
const adding = `writers: {
    count: 2,
    run({ store, history }) {
      const write = history.write(1);
      Atomics.add(store, 0, 1);
      write.acknowledge();
    },
  },`;

describe('after', () => {
  it('runs last, on the main agent, with store, history, params and counts, under both engines', async () => {
    const text = {
      before: `import { isMainThread } from 'node:worker_threads';
import { setTimeout } from 'node:timers/promises';
let afterwards = 0;`,
      fields: `params: { added: 1 },
  ${adding}
  readers: { count: 3, async run({ store, history, pause }) { await pause(); history.read(Atomics.load(store, 0)); } },
  async after({ store, history, params, writers, readers }) {
    const kinds = () => history.map(({ kind }) => kind).sort().join(' ');
    check(isMainThread, 'it runs on a worker');
    check(kinds() === 'read read read writeAcknowledged writeAcknowledged writeBegan writeBegan', kinds());
    check(store[0] === writers * params.added && readers === 3, 'they have not finished');
    await setTimeout(10);
    afterwards = ++store[1]!;
  },
  invariants: { 'after comes before the end': ({ final, store }) => store[1] === (final ? 1 : 0) && afterwards === store[1] },`,
    };
    expect(await experiment.run(text)).toMatchObject({ verdict: 'held', executions: 60 });
    expect(await experiment.run(text, stress)).toMatchObject({ verdict: 'held' });
  });

  it('waits for messages that are under way, and may send more', async () => {
    const text = {
      before: `import { parentPort, type MessagePort } from 'node:worker_threads';
let answers = 0;
let port: { postMessage(value: unknown): void; once(event: 'message', listener: () => void): unknown } | undefined;`,
      fields: `writers: {
    count: 1,
    run({ history }) {
      parentPort!.on('message', (value) => {
        history.write(value).acknowledge();
        parentPort!.postMessage(value);
      });
    },
  },
  readers: {
    count: 1,
    run({ workers }) {
      port = workers[0]!;
      workers[0]!.on('message', () => answers++);
      port.postMessage('first');
    },
  },
  async after({ history }) {
    check(answers === 1 && history.length === 2, 'the first was not answered');
    const second = new Promise<void>((resolve) => port!.once('message', () => resolve()));
    port!.postMessage('second');
    await second;
    check(answers === 2, 'the second was not answered');
  },
  invariants: { 'both are in the history': ({ history, final }) => !final || history.length === 4 },`,
    };
    expect(await experiment.run(text)).toMatchObject({ verdict: 'held' });
    expect(await experiment.run(text, stress)).toMatchObject({ verdict: 'held' });
  });

  it('what it throws is the failure, and is replayed', async () => {
    const text = { fields: `${adding} after({ store }) { throw new Error('it is ' + store[0]); },` };
    const result = await experiment.run(text, { save: true });
    expect(result).toMatchObject({
      verdict: 'crash',
      counterexample: { failure: { message: 'Error: it is 2', agent: 0 } },
    });
    const { trace } = experiment.saved(result);
    expect(trace.slice(-2)).toMatchObject([
      { kind: 'begin', address: { kind: 'after' } },
      { kind: 'read', value: 2 },
    ]);
    const file = result.counterexample?.file ?? '';
    expect(await replay({ projectDirectory: experiment.project, file, times: 2 })).toMatchObject({ agreeing: 2 });
    const stressed = await experiment.run(text, stress);
    expect(stressed.stress?.failure).toMatchObject({ verdict: 'crash', message: 'Error: it is 2', agent: 0 });
  });

  it('is not run when what comes before it fails', async () => {
    const result = await experiment.run({
      fields: `readers: { count: 1, run() { throw new Error('a reader'); } }, after() { throw new Error('after'); },`,
    });
    expect(result.counterexample?.failure.message).toBe('Error: a reader');
  });

  it('is bound by limits, and may wait in vain', async () => {
    const waiting = { fields: `${adding} async after() { await new Promise(() => undefined); },` };
    expect((await experiment.run(waiting)).counterexample?.failure).toMatchObject({
      verdict: 'deadlock',
      blocked: [{ agent: 0, on: 'promise' }],
    });
    const stressed = await experiment.run(waiting, stress);
    expect(stressed.stress?.failure).toMatchObject({
      verdict: 'deadlock',
      blocked: [{ agent: 0, on: 'unfinished' }],
    });
    const busy = await experiment.run({
      fields: `${adding} after({ store }) { for (;;) store[1]!++; }, limits: { steps: 500 },`,
    });
    expect(busy.verdict).toBe('livelock');
  });
});
