import { symlinkSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { packageDirectory, runCommand } from './command.js';
import { Experiment, replay } from './experiment.js';

const experiment = new Experiment();
const vitest = path.join(packageDirectory, 'node_modules/vitest');
symlinkSync(vitest, path.join(experiment.project, 'node_modules/vitest'), 'junction');

const stress = { engine: 'stress', runs: undefined, explorers: undefined, stress: { profile: 'quick' } } as const;

/** Each writer adds one. A scenario adds its own \`after\` and invariants. */
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

describe('an assertion that fails', () => {
  const bad = `writers: { count: 2, run({ store }) { const before = store[0]!; store[0] = before + 1; } },`;
  const sawTwo = `[...store].slice(0, 2)`;

  it.each([
    ['vitest', `import { expect } from 'vitest';`, `expect(${sawTwo}).toEqual([2, 0]);`],
    ['node:assert', `import assert from 'node:assert/strict';`, `assert.deepEqual(${sawTwo}, [2, 0]);`],
  ])(
    'of %s, in after, is a violation with a difference that is shrunk, saved and replayed',
    async (_, before, assertion) => {
      const result = await experiment.run(
        { before, fields: `params: { unused: [1, 2, 3] }, ${bad} async after({ store }) { ${assertion} },` },
        { save: true },
      );
      expect(result).toMatchObject({ verdict: 'violation', invariant: 'after' });
      const { failure, preemptions, trace } = experiment.saved(result);
      expect(failure).toMatchObject({ expected: '[ 2, 0 ]', found: '[ 1, 0 ]', agent: 0 });
      const changed = failure.assertion?.difference.filter(({ side }) => side !== 'both');
      expect(changed).toMatchObject([
        { side: 'expected', text: '  2,' },
        { side: 'found', text: '  1,' },
      ]);
      expect(failure.stack).toMatch(
        /^AssertionError: .*\n {4}at after \(scenarios\/experiment-\d+\.scenario\.ts:\d+:\d+\)/,
      );
      expect([preemptions, trace.at(-1)?.agent]).toEqual([1, 0]);
      const { file } = result.counterexample!;
      const { agreeing, replayed } = await replay({ projectDirectory: experiment.project, file: file!, times: 2 });
      expect({ agreeing, failure: replayed?.failure }).toEqual({ agreeing: 2, failure });
      const page = await runCommand(['report', file!], experiment.project);
      expect(page.exitCode).toBe(0);
    },
  );

  it.each([
    ['a writer', `writers: { count: 2, run({ store }) { assert.equal(Atomics.add(store, 0, 1), 0); } },`, 2],
    ['a reader', `readers: { count: 2, async run({ pause }) { await pause(); assert.equal(1, 2); } },`, 0],
    ['a writer', `writers: { count: 1, run() { void Promise.resolve().then(() => assert.deepEqual([1], [2])); } },`, 1],
  ])('in %s is a violation by that name, under both engines', async (where, fields, agent) => {
    const text = { before: `import assert from 'node:assert/strict';`, fields };
    const expected = { verdict: 'violation', invariant: `assertion in ${where}` };
    const result = await experiment.run({ ...text, fields: `${fields} expect: ${JSON.stringify(expected)},` });
    expect(result).toMatchObject({ ...expected, met: true });
    expect(result.counterexample?.failure.agent).toBe(result.counterexample?.writers === 0 ? 0 : agent);
    const stressed = await experiment.run(text, stress);
    expect(stressed.stress?.failure).toMatchObject({ ...expected, assertion: expect.anything() as unknown });
    expect(stressed.stress?.followUp?.found).toBe(true);
  });

  it('in an invariant is a violation of that invariant', async () => {
    const text = {
      before: `import assert from 'node:assert/strict';`,
      fields: `${bad.replace('2', '1')} invariants: { two: ({ store, final }) => { if (final) assert.deepEqual([store[0]], [2]); return true; } },`,
    };
    const failure = {
      verdict: 'violation',
      invariant: 'two',
      message: 'Expected values to be strictly deep-equal',
      found: '[ 1 ]',
    };
    expect((await experiment.run(text)).counterexample?.failure).toMatchObject(failure);
    expect((await experiment.run(text, stress)).stress?.failure).toMatchObject(failure);
  });
});
