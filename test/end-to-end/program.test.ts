import { describe, expect, it } from 'vitest';
import { strategyNames } from '../../harness/schedule/strategy-names.js';
import { runCommand } from './command.js';
import { Experiment, replay, summary } from './experiment.js';

const experiment = new Experiment();
const stress = { engine: 'stress', stress: { profile: 'quick' }, runs: undefined } as const;

/** Two coroutines that the program starts by itself; an update is lost if both read before one of them writes. */
const lossy = `import { scenario } from 'threadmill';
export default scenario({
  params: { amount: 2 },
  store: () => ({ total: 0 }),
  async run({ store, params, history, pause }) {
    const deposit = async () => {
      const write = history.write(params.amount);
      const before: number = store.total;
      await pause();
      store.total = before + params.amount;
      write.acknowledge();
    };
    await Promise.all([deposit(), deposit()]);
    history.read(store.total);
  },
  invariants: {
    'nothing is lost': ({ event }) => event?.kind !== 'read' || event.value === 4,
    'is the program': ({ event }) => event === undefined || event.participant.role === 'program',
  },
});
`;

describe('a scenario that is a program', () => {
  it.each(strategyNames)('is explored by %s, found to fail, and replayed', async (strategy) => {
    experiment.write('scenarios/lossy.scenario.ts', lossy);
    const result = await experiment.runFile('scenarios/lossy.scenario.ts', { strategy, save: true });
    expect(result).toMatchObject({ name: 'lossy', verdict: 'violation', invariant: 'nothing is lost' });
    expect(result.counterexample).toMatchObject({ writers: 0, readers: 0 });
    const file = result.counterexample?.file ?? '';
    const { agreeing, replayed } = await replay({ projectDirectory: experiment.project, file, times: 2 });
    expect({ agreeing, verdict: replayed?.failure.verdict }).toEqual({ agreeing: 2, verdict: 'violation' });
    expect(replayed?.trace.find(({ kind }) => kind === 'begin')?.address).toEqual({ kind: 'program' });
  });

  it('is found to fail by the stress engine too', async () => {
    experiment.write('scenarios/lossy.scenario.ts', lossy);
    const result = await experiment.runFile('scenarios/lossy.scenario.ts', stress);
    expect(result).toMatchObject({ verdict: 'violation', invariant: 'nothing is lost' });
  });

  it('is named in the report', async () => {
    experiment.write('scenarios/lossy.scenario.ts', lossy);
    const { stdout } = await runCommand(
      ['run', 'scenarios/lossy.scenario.ts', '--seed', '1', '--no-save'],
      experiment.project,
    );
    expect(stdout).toMatch(/^ +agents +the program$/m);
    expect(stdout).toMatch(/^ +\d+ +begin run$/m);
    expect(stdout).not.toContain('reader');
  });

  it.each([
    [
      'an assertion that fails',
      'run() { if (1 + 1 === 2) throw Object.assign(new Error("no"), { code: "ERR_ASSERTION", name: "AssertionError" }); },',
      { verdict: 'violation', invariant: 'assertion in run' },
      /no/,
    ],
    ['what it throws', 'async run() { throw new Error("no such key"); },', { verdict: 'crash' }, /no such key/],
    [
      'a promise that nothing settles',
      'async run() { await new Promise(() => undefined); },',
      { verdict: 'deadlock' },
      /^run awaits a promise that nothing settles/m,
    ],
    [
      'a rejection that nobody handles',
      'async run() { void Promise.reject(new Error("lost")); },',
      { verdict: 'crash' },
      /rejected in run, as it started/,
    ],
  ])('tells of %s', async (_, fields, expected, message) => {
    const result = await experiment.run({ fields });
    expect(result).toMatchObject(expected);
    expect(summary(result).message).toMatch(message);
  });

  it('runs timers and after, and has no writers and readers then', async () => {
    const result = await experiment.run({
      before: "import assert from 'node:assert'; import { setTimeout as sleep } from 'node:timers/promises';",
      fields: `store: () => ({ slept: 0 }),
        async run({ store }) { await sleep(60_000); store.slept = 1; },
        after({ store, writers, readers, history }) { assert.deepEqual([store.slept, writers, readers, history], [1, 0, 0, []]); },`,
    });
    expect(summary(result)).toEqual({ verdict: 'held', message: '' });
    const underStress = await experiment.run(
      {
        before: "import assert from 'node:assert';",
        fields: 'run() {}, after({ writers, readers }) { assert.deepEqual([writers, readers], [0, 0]); },',
      },
      stress,
    );
    expect(summary(underStress)).toEqual({ verdict: 'held', message: '' });
  });

  it.each([
    ['the schedule had nothing to decide', 'run() {},', true],
    ['nothing to decide for one coroutine that waits', 'async run({ pause }) { await pause(); await pause(); },', true],
    ['nothing to decide for one thread', 'writers: { count: 1, run({ store }) { Atomics.add(store, 0, 1); } },', true],
    [
      'nothing to decide for timers of one loop, which fire in order',
      'async run() { await Promise.all([1, 1].map((ms) => new Promise((resolve) => setTimeout(resolve, ms)))); },',
      true,
    ],
    [
      'something to decide between two coroutines',
      'async run({ pause }) { await Promise.all([pause(), pause()]); },',
      false,
    ],
    ['something to decide between two threads', 'writers: { count: 2, run() {} },', false],
    [
      'something to decide between a thread and a coroutine',
      'writers: { count: 1, run() {} }, readers: { count: 1, run() {} },',
      false,
    ],
  ])('says beside the verdict if %s', async (_, fields, isSaid) => {
    const { verdict, notes } = await experiment.run({ fields });
    expect(verdict).toBe('held');
    expect(notes.filter((note) => note.includes('nothing to decide'))).toHaveLength(isSaid ? 1 : 0);
  });

  it.each([
    ['no scheduling point of two threads', 'writers: { count: 2, run() {} },', true],
    [
      'one in one of them',
      'writers: { count: 2, run({ store, index }) { if (index === 1) Atomics.add(store, 0, 1); } },',
      false,
    ],
    [
      'none of a worker that does nothing but being started',
      "async run() { const { Worker } = await import('node:worker_threads'); new Worker('', { eval: true }); },",
      false,
    ],
  ])('says beside the verdict if nothing was a scheduling point: %s', async (_, fields, isSaid) => {
    const { verdict, notes } = await experiment.run({ fields });
    expect(verdict).toBe('held');
    expect(notes.filter((note) => note.includes('was a scheduling point'))).toHaveLength(isSaid ? 1 : 0);
  });

  it.each([
    ['writers', 'writers: { count: 1, run() {} },'],
    ['readers', 'readers: { count: 1, run() {} },'],
  ])('has no %s', async (roles, fields) => {
    await expect(experiment.run({ fields: `run() {}, ${fields}` })).rejects.toThrow(
      `run: found beside ${roles}, expected it alone. Leave out ${roles}, or make run one of the readers.`,
    );
  });
});
