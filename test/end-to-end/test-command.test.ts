import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { beforeAll, describe, expect, it } from 'vitest';
import { runRecordSchema, type RunRecord, type ScenarioResult } from '../../harness/results/schema.js';
import { packageDirectory, runCommand, type CommandResult } from './command.js';
import { Experiment } from './experiment.js';

/*
 * `threadmill test` on files of vitest and node:test that know nothing of it. The files here are also run by their own runners
 * where the two are compared.
 */

const experiment = new Experiment();
const { project } = experiment;

const account = `export class Account {
  balance = 0;
  async deposit(amount: number): Promise<void> {
    const before = this.balance;
    await new Promise((resolve) => setTimeout(resolve, 1));
    this.balance = before + amount;
  }
}
let opened = 0;
export const open = (): number => ++opened;
`;

const vitestFile = `import { beforeEach, describe, expect, it, test, vi } from 'vitest';
import { Account, open } from '../src/account.js';

describe('account', () => {
  let account: Account;
  beforeEach(() => { account = new Account(); });
  it('adds one after another', async () => {
    await account.deposit(2);
    await account.deposit(3);
    expect(account.balance).toBe(5);
  });
  it('adds at once', async () => {
    await Promise.all([account.deposit(2), account.deposit(3)]);
    expect({ balance: account.balance }).toEqual({ balance: 5 });
  });
  it('is saved before it is read', async () => {
    await new Promise((resolve) => { setImmediate(resolve); });
    let saved = 0;
    setImmediate(() => { saved = 5; });
    const read = await new Promise((resolve) => { setTimeout(() => resolve(saved), 1); });
    expect(read).toBe(5);
  });
  it('waits too long', async () => { await new Promise((resolve) => setTimeout(resolve, 6_000)); });
  it('may wait that long', async () => { await new Promise((resolve) => setTimeout(resolve, 6_000)); }, 7_000);
  it('waits for nothing', async () => { await new Promise(() => undefined); });
  it('throws', () => { throw new TypeError('no such account'); });
  it.fails('fails as it should', () => { expect(1).toBe(2); });
  it('fails, and is called as it is', () => { expect.soft(1).toBe(2); });
});
describe.each([1, 2])('file state, time %i', () => {
  test('is fresh', () => { expect(open()).toBe(1); });
});
const withFixture = test.extend<{ rows: number[] }>({
  rows: async ({}, use) => { const rows = [1]; await use(rows); rows.length = 0; },
});
withFixture('has fixtures', ({ rows }) => { expect(rows).toEqual([1]); });
test('fakes timers and dates', async () => {
  vi.useFakeTimers({ now: 5_000 });
  const fired = vi.fn();
  setTimeout(fired, 1_000);
  vi.advanceTimersByTime(999);
  expect(fired).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(1);
  expect(fired).toHaveBeenCalledOnce();
  expect([Date.now(), new Date().getTime()]).toEqual([6_000, 6_000]);
  vi.useRealTimers();
  expect(Date.now()).toBeGreaterThan(1_000_000_000_000);
});
test('mocks', () => {
  const object = { answer: () => 1 };
  const spy = vi.spyOn(object, 'answer').mockReturnValue(2);
  expect(object.answer()).toBe(2);
  spy.mockRestore();
  expect(object.answer()).toBe(1);
});
test('waits for a condition', async () => {
  let isReady = false;
  setTimeout(() => { isReady = true; }, 120);
  await vi.waitFor(() => { expect(isReady).toBe(true); });
  await expect.poll(() => isReady).toBe(true);
});
test('knows its own matchers', () => {
  expect.extend({ toBeOdd: (value: number) => ({ pass: value % 2 === 1, message: () => value + ' is even' }) });
  (expect(3) as unknown as { toBeOdd(): void }).toBeOdd();
  expect({ value: 3 }).toEqual({ value: (expect as unknown as { toBeOdd(): unknown }).toBeOdd() });
  expect.assertions(2);
});
test.skip('is skipped', () => undefined); // what the file under test says: the command must report it as skipped
test.todo('is to do'); // the same
// threadmill: skip
test('is skipped by a comment', () => undefined);
// threadmill: runs=3
test('is run three times', async () => {
  await new Promise((resolve) => { setImmediate(resolve); });
  await new Promise((resolve) => { setTimeout(resolve, 1); setImmediate(resolve); });
});
`;

const nodeFile = `import assert from 'node:assert/strict';
import { beforeEach, describe, it, mock, test } from 'node:test';

let total = 0;
beforeEach(() => { total = 0; });
const add = async () => {
  const seen = total;
  await new Promise((resolve) => { setImmediate(resolve); });
  total = seen + 1;
};
test('adds one after another', async () => { await add(); await add(); assert.equal(total, 2); });
test('adds at once', async () => { await Promise.all([add(), add()]); assert.equal(total, 2); });
describe('a suite', () => {
  it('has subtests', async (t) => {
    const seen = [];
    t.beforeEach(() => seen.push('before'));
    await t.test('one', () => { seen.push('one'); });
    await t.test('two', (t) => { seen.push(t.name); });
    assert.deepEqual(seen, ['before', 'one', 'before', 'two']);
  });
  it('fails in a subtest', async (t) => { await t.test('bad', () => { assert.equal(1, 2); }); });
  it('has mocks and their timers', (t) => {
    const called = mock.fn();
    t.mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 1_000 });
    setTimeout(called, 100);
    t.mock.timers.tick(100);
    assert.deepEqual([called.mock.callCount(), Date.now()], [1, 1_100]);
  });
  it('calls back', (t, done) => { setTimeout(done, 5); });
  it('is skipped', { skip: true }, () => {});
});
`;

const workerFile = `import { expect, test } from 'vitest';
import { Worker } from 'node:worker_threads';

test('counts in two threads', async () => {
  const count = new Int32Array(new SharedArrayBuffer(4));
  const add = () => new Promise((resolve, reject) => {
    new Worker(new URL('../src/add.js', import.meta.url), { workerData: count }).on('exit', resolve).on('error', reject);
  });
  await Promise.all([add(), add()]);
  expect(count[0]).toBe(2);
});
`;

const unavailableFile = `import { describe, expect, test } from 'vitest';
test('has a snapshot', () => { expect(1).toMatchInlineSnapshot('1'); });
test('has none', () => { expect(1).toBe(1); });
`;

const mockedFile = `import { expect, test, vi } from 'vitest';
vi.mock('node:fs');
test('needs a mocked module', () => { expect(1).toBe(1); });
`;

let outcome: CommandResult;
let record: RunRecord;
const resultOf = (name: string): ScenarioResult => {
  const result = record.scenarios.find((one) => one.name.endsWith(` > ${name}`));
  if (result === undefined) throw new Error(`no result of ${name}: ${outcome.stdout}${outcome.stderr}`);
  return result;
};

beforeAll(async () => {
  experiment.write('package.json', '{ "type": "module" }');
  experiment.write('src/account.ts', account);
  experiment.write('test/account.test.ts', vitestFile);
  experiment.write('test/add.test.js', nodeFile);
  experiment.write('src/add.js', "import { workerData } from 'node:worker_threads';\nworkerData[0] += 1;\n");
  experiment.write('test/worker.test.ts', workerFile);
  experiment.write('test/unavailable.test.ts', unavailableFile);
  experiment.write('test/mocked.spec.ts', mockedFile);
  // What is built, and what is installed, is not looked for.
  experiment.write('dist/a.test.js', 'throw new Error("built");');
  outcome = await runCommand(['test', '--seed', '1', '--runs', '60', '--json', 'record.json'], project);
  record = runRecordSchema.parse(JSON.parse(readFileSync(path.join(project, 'record.json'), 'utf8')));
}, 300_000);

describe('threadmill test', () => {
  it.each([
    'account > adds one after another',
    'account > may wait that long',
    'account > fails as it should',
    'file state, time 1 > is fresh',
    'file state, time 2 > is fresh',
    'has fixtures',
    'fakes timers and dates',
    'mocks',
    'waits for a condition',
    'knows its own matchers',
    'a suite > has subtests',
    'a suite > has mocks and their timers',
    'a suite > calls back',
    'has none',
  ])('holds: %s', (name) => {
    expect(resultOf(name)).toMatchObject({ verdict: 'held', counterexample: null });
  });

  it('finds lost updates, with the values that were compared', () => {
    const result = resultOf('account > adds at once');
    expect(result).toMatchObject({ verdict: 'violation', invariant: 'assertion in the test', met: false });
    expect(result.counterexample?.failure).toMatchObject({
      expected: '{ balance: 5 }',
      found: '{ balance: 3 }',
      assertion: { difference: expect.arrayContaining([{ side: 'expected', text: '  balance: 5' }]) as unknown },
    });
    expect(record.scenarios.filter(({ name }) => name.endsWith('add.test.js > adds at once'))).toMatchObject([
      { verdict: 'violation', counterexample: { failure: { expected: '2', found: '1' } } },
    ]);
  });

  it('finds what only fails when the order is another one', () => {
    const { verdict, counterexample } = resultOf('account > is saved before it is read');
    expect({ verdict, found: counterexample?.failure.found }).toEqual({ verdict: 'violation', found: '0' });
    expect(resultOf('account > is saved before it is read').notes).toEqual([]);
    // It is not simply wrong: without a choice of the schedule it holds.
    expect(experiment.saved(resultOf('account > is saved before it is read')).schedule.choices).not.toEqual([]);
  });

  it('controls the threads that a test starts', () => {
    const { verdict, counterexample } = resultOf('counts in two threads');
    expect({ verdict, found: counterexample?.failure.found }).toEqual({ verdict: 'violation', found: '1' });
  });

  it.each([
    ['account > waits too long', 'crash', /^Error: Test timed out in 5000ms/],
    ['account > waits for nothing', 'deadlock', /^$/],
    ['account > throws', 'crash', /^TypeError: no such account/],
    ['account > fails, and is called as it is', 'violation', /expected 1 to be 2/],
    ['a suite > fails in a subtest', 'violation', /strictly equal/],
  ])('tells how a test fails in any order: %s', (name, verdict, message) => {
    const result = resultOf(name);
    expect(result.verdict).toBe(verdict);
    expect(result.notes).toEqual([expect.stringContaining('it fails in the plain order too') as string]);
    expect(result.counterexample?.failure.message ?? '').toMatch(message);
  });

  it('says where nothing could be interleaved, and runs it only a few times', () => {
    expect(resultOf('mocks')).toMatchObject({ onlyOneInterleaving: true, executions: 32 });
    expect(resultOf('is run three times')).not.toHaveProperty('onlyOneInterleaving');
    expect(outcome.stdout).toContain('mocks  held, 32 executions');
  });

  it('obeys comments', () => {
    expect(resultOf('is run three times').executions).toBe(3);
    expect(record.leftOut).toContainEqual({
      name: 'test/account.test.ts > is skipped by a comment',
      file: 'test/account.test.ts',
      why: 'skipped',
    });
  });

  it('names what cannot be had once, with its place, and leaves out the tests that need it', () => {
    expect(record.leftOut?.filter(({ why }) => why === 'unavailable').map(({ name }) => name)).toEqual([
      'test/mocked.spec.ts > needs a mocked module',
      'test/unavailable.test.ts > has a snapshot',
    ]);
    expect(outcome.stdout).toMatch(
      /^note test\/mocked\.spec\.ts:2:1: vi\.mock is not available under threadmill test: /m,
    );
    expect(outcome.stdout).toMatch(/^note test\/unavailable\.test\.ts:2:42: snapshots are not available/m);
  });

  it('adds everything up', () => {
    const explored = record.scenarios.length;
    const alike = record.scenarios.filter(({ onlyOneInterleaving }) => onlyOneInterleaving === true).length;
    const failed = record.scenarios.filter(({ met }) => !met).length;
    expect(outcome.stdout).toContain(
      `${explored} tests explored, ${alike} with only one interleaving, ${failed} failed under some schedule, 4 skipped, 2 need what cannot be had`,
    );
    expect(outcome.stdout).toContain(`threadmill  seed 1  ${explored} tests, `);
    expect(outcome.exitCode).toBe(1);
  });

  it('prints commands that show a failure again', async () => {
    const block = outcome.stdout.slice(outcome.stdout.indexOf('account > is saved before it is read  violation'));
    const [, replayed = ''] = /npx threadmill (replay \S+)/.exec(block) ?? [];
    const replay = await runCommand([...replayed.split(' '), '--times', '5'], project);
    expect(replay.stdout).toContain('all 5 replays gave the saved trace');
    const [, file = '', test = '', more = ''] = /npx threadmill test (\S+) --test '(.+)' (--seed .+)/.exec(block) ?? [];
    const again = await runCommand(['test', file, '--test', test, ...more.split(' '), '--no-save'], project);
    expect(again.stdout).toContain('is saved before it is read  violation (assertion in the test), after 1 execution');
    expect(again.exitCode).toBe(1);
    const [, reported = ''] = /npx threadmill report (\S+)/.exec(block) ?? [];
    const page = await runCommand(['report', reported, '--output', 'page.html'], project);
    expect(page).toMatchObject({ exitCode: 0, stdout: 'Wrote the page to page.html\n' });
    expect(readFileSync(path.join(project, 'page.html'), 'utf8')).toContain('is saved before it is read');
  });

  it('replays what earlier runs found first', async () => {
    const { stdout } = await runCommand(
      ['test', 'test/add.test.js', '--test', 'adds at once', '--seed', '2', '--json', 'again.json'],
      project,
    );
    expect(stdout).toContain('1 test explored');
    const again = runRecordSchema.parse(JSON.parse(readFileSync(path.join(project, 'again.json'), 'utf8')));
    expect(again.scenarios).toMatchObject([{ verdict: 'violation', executions: 0 }]);
  });

  it('refuses to replay a file that is not one of tests', async () => {
    const saved = experiment.saved(resultOf('account > adds at once'));
    experiment.write(
      'elsewhere.json',
      JSON.stringify({ ...saved, scenario: { ...saved.scenario, file: 'src/account.ts' } }),
    );
    const { stderr, exitCode } = await runCommand(['replay', 'elsewhere.json'], project);
    expect(stderr).toMatch(/names "src\/account\.ts" as its file of tests; expected one called/);
    expect(exitCode).toBe(2);
  });
});

describe('a file of tests that cannot be read', () => {
  const files = {
    'wrong/comment.test.ts': `import { test } from 'vitest';\n\n// threadmill: run=5\ntest('a', () => undefined);\n`,
    'wrong/astray.test.ts': `import { test } from 'vitest';\ntest('a', () => undefined);\n// threadmill: skip\nconst a = 1;\n`,
    'wrong/throws.test.ts': `import { test } from 'vitest';\nthrow new Error('at once');\n`,
    'wrong/import.test.ts': `import './missing.js';\n`,
    'wrong/good.test.ts': `import { test } from 'vitest';\ntest('a', () => undefined);\n`,
  };

  it('is one line with its place and what to do, and the others run', async () => {
    for (const [file, text] of Object.entries(files)) experiment.write(file, text);
    const { stdout, stderr, exitCode } = await runCommand(['test', 'wrong/*.test.ts', '--no-save'], project);
    expect(stdout).toContain('note wrong/comment.test.ts:3:1: threadmill: found "run=5", expected skip, runs=<count>,');
    expect(stdout).toContain('note wrong/astray.test.ts:3:1: threadmill: found above no test');
    expect(stdout).toContain('note wrong/throws.test.ts: its tests cannot be collected: Error: at once');
    expect(stdout).toContain('note wrong/import.test.ts:1:8: cannot find the file "./missing.js"');
    expect(stdout).toContain('wrong/good.test.ts > a  held');
    expect(stderr).toContain('not fully explored');
    expect(exitCode).toBe(2);
  });

  it.each([
    [['nothing/*.test.ts'], 'no test file matches "nothing/*.test.ts"'],
    [['wrong/good.test.ts', '--test', 'b'], '--test: no test is called "b"'],
    [['wrong/good.test.ts', '--path', '0'], '--path needs the --seed'],
  ])('is refused in one line: %j', async (given, message) => {
    const { stderr, exitCode } = await runCommand(['test', ...given, '--no-save'], project);
    expect(stderr).toContain(message);
    expect(exitCode).toBe(2);
  });
});

describe('the order of hooks', () => {
  const body = `let order = [];
const note = (what) => () => { order.push(what); };
beforeAll(note('beforeAll 1')); beforeAll(note('beforeAll 2'));
afterAll(() => { writeFileSync(process.env.ORDER, JSON.stringify(order)); }); afterAll(note('afterAll 2'));
beforeEach(note('beforeEach 1')); beforeEach(note('beforeEach 2'));
afterEach(note('afterEach 1')); afterEach(note('afterEach 2'));
describe('outer', () => {
  beforeAll(note('outer beforeAll')); afterAll(note('outer afterAll'));
  beforeEach(note('outer beforeEach')); afterEach(note('outer afterEach'));
  describe('inner', () => {
    beforeEach(note('inner beforeEach')); afterEach(note('inner afterEach'));
    test('body', note('body'));
  });
});
`;
  const cases = [
    [
      'vitest',
      'order/vitest.test.js',
      `import { writeFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, onTestFinished, test } from 'vitest';
${body}test('later', () => { onTestFinished(note('finished')); order.push('later'); });
`,
      (file: string): string[] => [
        path.join(packageDirectory, 'node_modules/vitest/vitest.mjs'),
        'run',
        '--root',
        '.',
        '--testNamePattern',
        'body',
        file,
      ],
    ],
    [
      'node:test',
      'order/node.test.js',
      `import { writeFileSync } from 'node:fs';
import { after as afterAll, afterEach, before as beforeAll, beforeEach, describe, test } from 'node:test';
${body}`,
      (file: string): string[] => ['--test', file],
    ],
  ] as const;

  it.each(cases)('is that of %s', async (_, file, text, runner) => {
    experiment.write(file, text);
    const link = path.join(project, 'node_modules/vitest');
    if (!existsSync(link)) symlinkSync(path.join(packageDirectory, 'node_modules/vitest'), link, 'junction');
    const [theirs, ours] = [path.join(project, 'theirs.json'), path.join(project, 'ours.json')];
    const { NODE_OPTIONS: _options, VITEST: _vitest, NODE_TEST_CONTEXT: _context, ...environment } = process.env;
    const plain = spawnSync(process.execPath, runner(file), {
      cwd: project,
      encoding: 'utf8',
      env: { ...environment, ORDER: theirs },
    });
    expect(existsSync(theirs), plain.stdout + plain.stderr).toBe(true);
    const given = ['test', file, '--test', 'outer > inner > body', '--runs', '3', '--no-save'];
    const { stdout } = await runCommand(given, project, { ORDER: ours });
    expect(stdout).toContain('1 test held');
    const order = JSON.parse(readFileSync(ours, 'utf8')) as string[];
    expect(order).toContain('body');
    expect(order).toEqual(JSON.parse(readFileSync(theirs, 'utf8')));
  });
});

describe('a run of tests that is interrupted', () => {
  it('keeps what it has', async () => {
    experiment.write(
      'slow/slow.test.ts',
      `import { test } from 'vitest';
test('first', () => undefined);
test('second', async () => {
  await new Promise((resolve) => { setImmediate(resolve); });
  await new Promise((resolve) => { setTimeout(resolve, 1); setImmediate(resolve); });
});
`,
    );
    const { startCommand } = await import('./command.js');
    const running = startCommand(
      ['test', 'slow', '--budget', '10m', '--json', 'interrupted.json', '--no-save'],
      project,
    );
    await running.waitFor(/first {2}held/);
    running.process.kill('SIGINT');
    const { stdout, exitCode } = await running.outcome;
    expect(exitCode).toBe(130);
    expect(stdout).toContain('interrupted: these are the results so far');
    const partial = runRecordSchema.parse(JSON.parse(readFileSync(path.join(project, 'interrupted.json'), 'utf8')));
    expect(partial.scenarios[0]).toMatchObject({ name: 'slow/slow.test.ts > first', verdict: 'held' });
  });
});
