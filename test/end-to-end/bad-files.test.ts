import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { serialize } from 'node:v8';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Counterexample } from '../../harness/results/schema.js';
import { makeUserProject, runCommand, type CommandResult } from './command.js';
import { counterScenario, lossyCount, soundCount } from './scenarios.js';

const secret = 'DO-NOT-SHOW-THIS';
const corpus = 'results/corpus';

/** Depth 2,000: more than the limit, and more than much code for values can handle. */
function nested(): unknown {
  let value: unknown = 0;
  for (let level = 0; level < 2_000; level++) value = [value];
  return value;
}

/** Damaged counterexamples that are valid JSON, by what is wrong with them. */
const damaged: Readonly<Record<string, (good: Counterexample) => object>> = {
  'writers-5000': (good) => ({ ...good, writers: 5_000 }),
  'writers-3': (good) => ({ ...good, writers: 3, agents: [...good.agents, 'writer 2'] }),
  'writers-negative': (good) => ({ ...good, writers: -1 }),
  'readers-1e8': (good) => ({ ...good, readers: 1e8 }),
  'readers-1': (good) => ({ ...good, readers: 1 }),
  'agents-none': (good) => ({ ...good, agents: [] }),
  'steps-far': (good) => ({ ...good, schedule: { ...good.schedule, preemptions: [{ step: 2 ** 53 - 1, to: 0 }] } }),
  'choices-far': (good) => ({ ...good, schedule: { ...good.schedule, choices: [2 ** 40] } }),
  'params-unknown': (good) => ({ ...good, params: { ...good.params, constructor: 1 } }),
  'params-missing': (good) => ({ ...good, params: {} }),
  'params-kind': (good) => ({ ...good, params: { increments: [1] } }),
  'params-nested': (good) => ({ ...good, params: { increments: nested() } }),
  'params-unreadable': (good) => ({ ...good, params: { increments: { $structuredClone: '/w8i' } } }),
  'params-sparse': (good) => ({ ...good, params: { increments: { $structuredClone: sparse() } } }),
  'scenario-outside': (good) => ({ ...good, scenario: { ...good.scenario, file: '../evil.scenario.ts' } }),
  'version-3': (good) => ({ ...good, version: 3 }),
  'version-object': (good) => ({ ...good, version: { toString: null } }),
};

function sparse(): string {
  const list: unknown[] = [];
  list.length = 2 ** 32 - 1;
  return serialize(list).toString('base64');
}

function expectRefusal({ exitCode, stderr, stdout }: CommandResult, problem: RegExp): void {
  expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
  expect(stderr).toMatch(problem);
  expect(stdout + stderr).not.toContain(secret);
}

let project: string;
let outside: string;
let good: Counterexample;
/** The counterexample that a run saved. */
let saved: string;
const at = (file: string): string => path.join(project, file);

beforeAll(async () => {
  project = makeUserProject();
  outside = mkdtempSync(path.join(tmpdir(), 'threadmill-outside-'));
  mkdirSync(at('scenarios'));
  writeFileSync(at('scenarios/lossy.scenario.ts'), counterScenario('lossy', lossyCount, 'violation'));
  await runCommand(['run', '--seed', '1', '--explorers', '1'], project);
  const [name = ''] = readdirSync(at(corpus));
  saved = `${corpus}/${name}`;
  good = JSON.parse(readFileSync(at(saved), 'utf8')) as Counterexample;
  writeFileSync(at('scenarios/sound.scenario.ts'), counterScenario('sound', soundCount));
});

describe('a corpus full of bad files', () => {
  it('costs a note for each of them, and changes no verdict', async () => {
    const scenarios = ['lossy', 'sound'].map((name) => ({ name, file: `scenarios/${name}.scenario.ts` }));
    const expected = Object.keys(damaged).flatMap((what) => [`a-lossy-${what}`, `a-sound-${what}`]);
    for (const [what, change] of Object.entries(damaged)) {
      for (const scenario of scenarios) {
        writeFileSync(at(`${corpus}/a-${scenario.name}-${what}.json`), JSON.stringify(change({ ...good, scenario })));
      }
    }
    const inTheWay: Readonly<Record<string, (file: string) => void>> = {
      'a-folder': (file) => mkdirSync(file),
      'a-empty': (file) => writeFileSync(file, ''),
      'a-cut': (file) => writeFileSync(file, JSON.stringify(good).slice(0, 300)),
      'a-million': (file) => writeFileSync(file, `${'['.repeat(1e6)}${']'.repeat(1e6)}`),
      ...(process.platform === 'win32'
        ? {}
        : {
            'a-pipe': (file) => execFileSync('mkfifo', [file]),
            'a-nowhere': (file) => symlinkSync('nowhere.json', file),
            'a-device': (file) => symlinkSync('/dev/zero', file),
          }),
    };
    for (const [name, put] of Object.entries(inTheWay)) put(at(`${corpus}/${name}.json`));
    expected.push(...Object.keys(inTheWay));

    const flags = ['--runs', '300', '--seed', '2', '--explorers', '1', '--no-save'];
    const { exitCode, stdout, stderr } = await runCommand(['run', ...flags], project);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).toContain('✓ lossy  violation (count)');
    expect(stdout).toContain('✓ sound  held, 300 executions');
    const told = [...stdout.matchAll(/note results\/corpus\/(\S+)\.json /g)].map(([, name = '']) => name);
    expect(told.sort()).toEqual(expected.sort());
    // Every note says what to do.
    expect(stdout.match(/^ *note .*(?:[Dd]elete|Move|Update|Put)/gm)).toHaveLength(expected.length);
  });
});

describe('a file that is named', () => {
  it('has none but a scenario of the project evaluated, and nothing quoted', async () => {
    writeFileSync(at('.env'), `${secret} = 1\n`);
    const evil = path.join(outside, 'evil.scenario.ts');
    writeFileSync(evil, `throw new Error('${secret}'); ${secret} = =`);
    symlinkSync(evil, at('scenarios/link.scenario.ts'));
    for (const file of [path.relative(project, evil), '.env', 'scenarios/link.scenario.ts']) {
      writeFileSync(at('named.json'), JSON.stringify({ ...good, scenario: { name: 'lossy', file } }));
      expectRefusal(await runCommand(['replay', 'named.json'], project), /^error: \S*named\.json names /);
    }
    // The link is only detected when its target is needed, and a page does not need it.
    const { exitCode, stdout } = await runCommand(['report', 'named.json'], project);
    expect(exitCode).toBe(0);
    expect(stdout).toContain('a link to a file outside the project');
    expect(stdout).not.toContain(secret);
    rmSync(at('scenarios/link.scenario.ts'));
  });

  it.skipIf(process.platform === 'win32')('is not waited for if it is a pipe', async () => {
    execFileSync('mkfifo', [at('pipe.json')]);
    for (const command of ['replay', 'report', 'merge']) {
      expectRefusal(await runCommand([command, 'pipe.json'], project), /pipe\.json is a named pipe, not a file/);
    }
    mkdirSync(at('results/stress'), { recursive: true });
    mkdirSync(at('results/runs'), { recursive: true });
    for (const file of ['results/runs/a.json', 'results/stress/a.jsonl']) execFileSync('mkfifo', [at(file)]);
    const { exitCode, stdout } = await runCommand(['history'], project);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/2 files left out:\n.*runs\/a\.json is a named pipe.*\n.*stress\/a\.jsonl is a named pipe/);
  });

  it('becomes a page with the lines around those of its scenario, and of no other file', async () => {
    writeFileSync(at('.env'), `${secret}\n\n${secret}\n`);
    const [first, ...rest] = good.trace;
    const foreign = { ...first, site: { file: '.env', line: 2, column: 1 }, source: '' };
    writeFileSync(at('page.json'), JSON.stringify({ ...good, trace: [foreign, ...rest] }));
    const { exitCode, stdout } = await runCommand(['report', 'page.json'], project);
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: 'Wrote the page to page.html\n' });
    const page = readFileSync(at('page.html'), 'utf8');
    expect(page.includes('run({ store, params, history }) {')).toBe(true);
    expect(page.includes(secret)).toBe(false);
  });
});

describe('results that lead out of the project', () => {
  it('are neither read nor written, and that is told', async () => {
    const other = makeUserProject();
    const elsewhere = mkdtempSync(path.join(tmpdir(), 'threadmill-elsewhere-'));
    symlinkSync(elsewhere, path.join(other, 'results'), 'junction');
    mkdirSync(path.join(other, 'scenarios'));
    writeFileSync(path.join(other, 'scenarios/lossy.scenario.ts'), counterScenario('lossy', lossyCount, 'violation'));
    const { exitCode, stdout, stderr } = await runCommand(['run', '--seed', '1', '--explorers', '1'], other);
    expect(exitCode).toBe(3);
    expect(stdout).toContain('✓ lossy  violation (count)');
    expect(stdout).toMatch(
      /note Cannot write results\/corpus\/.*: results\/corpus is a link to .*, outside the project\. Replace it with a folder in the project, or run with --no-save\./,
    );
    expect(stderr).toMatch(
      /^error: Cannot write results\/runs\/.* is a link to .*, outside the project\.\n.*--no-save\.\n$/,
    );
    expect(readdirSync(elsewhere)).toEqual([]);
  });

  it('are not promised for a scenario from elsewhere, which is run all the same', async () => {
    const scenarioFile = path.join(outside, 'elsewhere.scenario.ts');
    writeFileSync(scenarioFile, counterScenario('elsewhere', lossyCount));
    const before = readdirSync(at(corpus)).length;
    const flags = ['--seed', '1', '--explorers', '1'];
    const { exitCode, stdout } = await runCommand(['run', scenarioFile, ...flags], project);
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(
      /note the counterexample was not saved because it could not be replayed: it names a scenario outside/,
    );
    expect(stdout).not.toContain('threadmill replay');
    expect(readdirSync(at(corpus))).toHaveLength(before);
  });
});
