import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { runRecordSchema } from '../../harness/results/schema.js';
import type { RunRecord } from '../../harness/results/schema.js';
import { makeUserProject, runCommand, startCommand, type CommandResult } from './command.js';
import { counterScenario, lossyCount, soundCount } from './scenarios.js';

function makeProject(files: Readonly<Record<string, string>>): string {
  const project = makeUserProject();
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(project, file)), { recursive: true });
    writeFileSync(path.join(project, file), text);
  }
  return project;
}

function readRecord(project: string, file: string): RunRecord {
  return runRecordSchema.parse(JSON.parse(readFileSync(path.join(project, file), 'utf8')));
}

/** A valid scenario, except for the given fields. */
function scenarioText(fields: Readonly<Record<string, string>>, head = ''): string {
  const all: Readonly<Record<string, string>> = {
    name: "'bad'",
    store: '() => new Int32Array(new SharedArrayBuffer(4))',
    writers: '{ count: 2, run({ store }) { Atomics.add(store, 0, 1); } }',
    ...fields,
  };
  const body = Object.entries(all).map(([name, value]) => `  ${name}: ${value},\n`);
  return `import fc from 'fast-check';
import { scenario } from 'threadmill';
import { count } from 'threadmill/invariants';
${head}
export default scenario({
${body.join('')}});
void fc; void count;
`;
}

function expectOneError({ exitCode, stdout, stderr }: CommandResult, message: RegExp): void {
  expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
  expect(stderr).toMatch(message);
  expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  expect(stderr).not.toMatch(/^\s+at /m);
}

const counts = (maximum: string): string => `expected an integer from 1 to ${maximum}, or a fast-check arbitrary`;
const writers = (count: string): string => `{ count: ${count}, run() {} }`;

describe('a bad scenario file gets one error that names file, field, what was found and what was expected', () => {
  const place = 'scenarios/bad.scenario.ts';
  it.each<[what: string, text: string, error: string]>([
    ['a syntax error', scenarioText({ params: '{ a b }' }), `${place}:9:15: Expected \`,\``],
    [
      'a missing package',
      scenarioText({}, "import 'no-such-package';"),
      `${place}:4:8: cannot find the package "no-such-package"`,
    ],
    ['a missing file', scenarioText({}, "import './nowhere.js';"), `${place}:4:8: cannot find the file "./nowhere.js"`],
    ['no default export', 'export const x = 1;', `${place}: default export: found nothing, expected a scenario`],
    [
      'an error when it is evaluated',
      "throw new Error('no good');",
      `${place}: the file throws when it is evaluated: Error: no good`,
    ],
    [
      'a name that is declared twice',
      scenarioText({}, "import { scenario } from 'threadmill';"),
      `${place}:2:10: Identifier \`scenario\` has already been declared. Correct the syntax.`,
    ],
    [
      'top-level await of real input',
      scenarioText(
        {},
        "import { readFile } from 'node:fs/promises';\nawait 0; await Promise.all([1, readFile('package.json')]);",
      ),
      `${place}:5:10: this top-level await never ends, or waits`,
    ],
    [
      'a wrong field',
      scenarioText({ invariant: '[]' }),
      `${place}: invariant: found a field that scenarios do not have, expected one of name`,
    ],
    [
      'a wrong field of writers',
      scenarioText({ writers: '{ counts: 1, count: 1, run() {} }' }),
      `${place}: writers.counts: found a field`,
    ],
    [
      'no run',
      scenarioText({ writers: '{ count: 1 }' }),
      `${place}: writers.run: found nothing, expected a function run(`,
    ],
    ['0 writers', scenarioText({ writers: writers('0') }), `${place}: writers.count: found 0, ${counts('64')}`],
    [
      '10,000 writers',
      scenarioText({ writers: writers('10_000') }),
      `${place}: writers.count: found 10000, ${counts('64')}`,
    ],
    [
      'an arbitrary of too many writers',
      scenarioText({ writers: writers('fc.constant(65)') }),
      `${place}: writers.count: found an arbitrary that drew 65, ${counts('64')}`,
    ],
    [
      '1,001 readers',
      scenarioText({ readers: writers('1_001') }),
      `${place}: readers.count: found 1001, ${counts('1,000')}`,
    ],
    [
      'a store that throws',
      scenarioText({ store: "() => { throw new Error('no good'); }" }),
      `${place}: store: found a factory that throws (no good), expected one that returns the store`,
    ],
    [
      'a store that cannot be cloned',
      scenarioText({ store: '() => ({\n f() {\n }\n})' }),
      `${place}: store: found something that cannot be structured-cloned to the workers (f() {} could not be cloned.), expected SharedArrayBuffers`,
    ],
    [
      'an async store',
      scenarioText({ store: 'async () => 1' }),
      `${place}: store: found a promise, expected the store itself`,
    ],
    [
      'a parameter that cannot be cloned',
      scenarioText({ params: '{ f: () => 1 }' }),
      `${place}: params.f: found a function that cannot be structured-cloned`,
    ],
    [
      'an arbitrary that draws what cannot be cloned',
      scenarioText({ params: '{ f: fc.func(fc.nat()) }' }),
      `${place}: params.f: found a function that cannot be structured-cloned`,
    ],
    [
      'an invariant without a name',
      scenarioText({ invariants: '[{ begin: () => ({}) }]' }),
      `${place}: invariants.0.name: found nothing, expected a name`,
    ],
    [
      'a function for an invariant',
      scenarioText({ invariants: '[() => true]' }),
      `${place}: invariants.0: found a function, expected an invariant`,
    ],
    [
      'an unknown verdict',
      scenarioText({ expect: "'violated'" }),
      `${place}: expect: found "violated", expected one of held`,
    ],
    [
      'an expected invariant that it does not have',
      scenarioText({ expect: "{ verdict: 'violation', invariant: 'cuont' }", invariants: '[count({ of: () => 1 })]' }),
      `${place}: expect.invariant: found "cuont", expected one of count`,
    ],
    [
      'an unknown limit',
      scenarioText({ limits: '{ step: 1 }' }),
      `${place}: limits.step: found a field that scenarios do not have, expected one of steps`,
    ],
    [
      'a negative limit',
      scenarioText({ limits: '{ steps: -1 }' }),
      `${place}: limits.steps: found -1, expected a whole number above 0`,
    ],
  ])('%s', async (_, text, error) => {
    const project = makeProject({ [place]: text });
    const escaped = error.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
    expectOneError(await runCommand(['run', '--seed', '1'], project), new RegExp(`^error: ${escaped}`));
    expect(existsSync(path.join(project, 'results'))).toBe(false);
  });

  it('two scenarios of one name', async () => {
    const project = makeProject({
      'scenarios/a.scenario.ts': scenarioText({}),
      'scenarios/b.scenario.ts': scenarioText({}),
    });
    expectOneError(
      await runCommand(['run'], project),
      /b\.scenario\.ts: name: found "bad", which .*a\.scenario\.ts also has; give each scenario its own name/,
    );
  });
});

describe('the run goes on', () => {
  it('with 64 writers and 1,000 readers', async () => {
    const text = scenarioText({
      writers:
        '{ count: 64, run({ store, history }) { const write = history.write(); Atomics.add(store, 0, 1); write.acknowledge(); } }',
      readers:
        '{ count: 1_000, async run({ store, history, pause }) { await pause(); history.read(Atomics.load(store, 0)); } }',
      invariants: '[count({ of: (store) => store[0] })]',
    });
    const project = makeProject({ 'scenarios/crowd.scenario.ts': text });
    const { exitCode, stdout } = await runCommand(['run', '--runs', '4', '--seed', '1', '--explorers', '1'], project);
    expect({ exitCode, stdout }).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining('held, 4 executions') as string,
    });
  });

  it('past a corpus file that is cut short', async () => {
    const project = makeProject({ 'scenarios/lossy.scenario.ts': counterScenario('lossy', lossyCount, 'violation') });
    await runCommand(['run', '--seed', '1'], project);
    const [name = ''] = readdirSync(path.join(project, 'results/corpus'));
    const file = path.join(project, 'results/corpus', name);
    const cut = readFileSync(file, 'utf8').slice(0, 200);
    writeFileSync(file, cut);
    const { exitCode, stdout } = await runCommand(['run', '--seed', '2'], project);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/note results\/corpus\/lossy--count--\w+\.json is not valid JSON/);
    expect(readFileSync(file, 'utf8')).toBe(cut);
    expectOneError(
      await runCommand(['replay', `results/corpus/${name}`], project),
      /^error: .*\.json is not valid JSON/,
    );
  });

  it.skipIf(process.platform === 'win32')('when an explorer is killed in its midst, and leaves no zombie', async () => {
    const project = makeProject({ 'scenarios/sound.scenario.ts': counterScenario('sound', soundCount) });
    const command = startCommand(
      ['run', '--runs', '50000', '--seed', '1', '--explorers', '2', '--json', 'out.json'],
      project,
    );
    const parent = command.process.pid ?? 0;
    const killed = new Set<number>();
    while (killed.size < 3 && command.process.exitCode === null) {
      await delay(100);
      // An explorer that is still starting does not count. On a busy machine, starting takes a while.
      const victim = explorersOf(parent).find(({ processId, cpuS }) => cpuS >= 1 && !killed.has(processId));
      if (victim === undefined) continue;
      killed.add(victim.processId);
      process.kill(victim.processId, 'SIGKILL');
    }
    // A killed process is a zombie until its threads have ended and its parent has reaped it, which may take a while.
    const zombies = (): readonly unknown[] => explorersOf(parent).filter(({ state }) => state.startsWith('Z'));
    await expect.poll(zombies, { timeout: 20_000 }).toEqual([]);
    const { exitCode, stdout, stderr } = await command.outcome;
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
    expect(stdout).toContain('held, 50,000 executions');
    expect(readRecord(project, 'out.json').scenarios[0]).toMatchObject({ verdict: 'held', executions: 50_000 });
    expect(killed.size).toBeGreaterThan(0);
  });

  it.skipIf(process.platform === 'win32')('and ends with its explorers when it is killed itself', async () => {
    const project = makeProject({ 'scenarios/sound.scenario.ts': counterScenario('sound', soundCount) });
    const command = startCommand(['run', '--budget', '1m'], project);
    const parent = command.process.pid ?? 0;
    let explorers: readonly { processId: number }[] = [];
    while (explorers.length === 0) {
      await delay(100);
      explorers = explorersOf(parent);
    }
    command.process.kill('SIGKILL');
    await command.outcome;
    const deadline = performance.now() + 10_000;
    while (explorers.some(({ processId }) => isAlive(processId)) && performance.now() < deadline) await delay(100);
    expect(explorers.filter(({ processId }) => isAlive(processId))).toEqual([]);
  });
});

describe('results that cannot be written', () => {
  // Root may write anywhere, so a file in the way replaces the missing permission.
  const isRoot = process.getuid?.() === 0 || process.platform === 'win32';

  it('are told once, after the whole report, which --json still gets', async () => {
    const project = makeProject({
      'scenarios/lossy.scenario.ts': counterScenario('lossy', lossyCount),
      'scenarios/sound.scenario.ts': counterScenario('sound', soundCount),
    });
    if (isRoot) writeFileSync(path.join(project, 'results'), 'in the way');
    else mkdirSync(path.join(project, 'results'), { mode: 0o555 });
    const { exitCode, stdout, stderr } = await runCommand(['run', '--seed', '1', '--json', 'out.json'], project);
    if (!isRoot) chmodSync(path.join(project, 'results'), 0o755);
    expect(exitCode).toBe(3);
    expect(stdout).toContain('✗ lossy  violation (count), expected held');
    expect(stdout).toMatch(/note Cannot write results\/corpus\//);
    expect(stdout).toContain('1 of 2 scenarios did not meet its expectation');
    // On a slow machine lines of progress come before it.
    expect(stderr.match(/^error: /gm)).toHaveLength(1);
    expect(stderr).toMatch(/^error: Cannot write results\/runs\/.*\n.*--no-save\.?\n$/m);
    expect(readRecord(project, 'out.json').scenarios[0]).toMatchObject({ verdict: 'violation', met: false });
  });
});

describe('what has run before something goes wrong', () => {
  it('is kept', async () => {
    const rare = 'fc.oneof({ arbitrary: fc.constant(2), weight: 300 }, { arbitrary: fc.constant(65), weight: 1 })';
    const project = makeProject({
      'scenarios/a.scenario.ts': counterScenario('sound', soundCount),
      'scenarios/b.scenario.ts': scenarioText({ writers: writers(rare) }),
    });
    const { exitCode, stdout, stderr } = await runCommand(['run', '--runs', '20000', '--seed', '1'], project);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/writers\.count: found an arbitrary that drew 65/);
    expect(stdout).toContain('✓ sound  held, 20,000 executions');
    const [file = ''] = readdirSync(path.join(project, 'results/runs'));
    const record = readRecord(project, `results/runs/${file}`);
    expect(record).toMatchObject({ met: false, interrupted: true });
    expect(record.scenarios.map(({ name, verdict, met }) => ({ name, verdict, met }))).toEqual([
      { name: 'sound', verdict: 'held', met: true },
      { name: 'bad', verdict: 'interrupted', met: false },
    ]);
  });
});

function explorersOf(parent: number): { readonly processId: number; readonly state: string; readonly cpuS: number }[] {
  const listed = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,stat=,times=,args='], { encoding: 'utf8' });
  return listed.split('\n').flatMap((line) => {
    const [processId, parentId, state = '', cpuS, ...command] = line.trim().split(/\s+/);
    if (Number(parentId) !== parent || !/controlled\/main|defunct/.test(command.join(' '))) return [];
    return [{ processId: Number(processId), state, cpuS: Number(cpuS) }];
  });
}

function isAlive(processId: number): boolean {
  try {
    process.kill(processId, 0);
    return true;
  } catch {
    return false;
  }
}
