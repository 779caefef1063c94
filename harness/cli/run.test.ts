import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { HarnessError, UsageError } from '../errors.js';
import type { Run, RunOptions } from '../campaign/api.js';
import { eventsSample, heldResultSample, runRecordSample, scenarioResultSample } from '../report/testing/samples.js';
import { runRecordSchema } from '../results/schema.js';
import type { ScenarioResult } from '../results/schema.js';
import { runCommand, temporaryFolder } from './testing/command.js';

function fakeRun(results: readonly ScenarioResult[] = [heldResultSample()]): { run: Run; options: RunOptions[] } {
  const options: RunOptions[] = [];
  const run: Run = (given, onEvent) => {
    options.push(given);
    for (const event of eventsSample(results)) onEvent(event);
    return Promise.resolve(runRecordSample(results));
  };
  return { run, options };
}

const throwing = (error: Error): { run: Run } => ({ run: () => Promise.reject(error) });

describe('threadmill run', () => {
  it('hands every option to the campaign', async () => {
    const { run, options } = fakeRun();
    const projectDirectory = temporaryFolder();
    const commandLine =
      'run a.scenario.ts b/** --seed -7 --path 3:0:1 --runs 50 --budget 1.5s --strategy pct --repeat 3 --shard 2/8 --explorers 2 --no-save';
    await runCommand(commandLine.split(' '), { run }, { projectDirectory });
    expect(options).toEqual([
      {
        projectDirectory,
        files: ['a.scenario.ts', 'b/**'],
        seed: -7,
        path: '3:0:1',
        runs: 50,
        budgetMs: 1_500,
        strategy: 'pct',
        repeat: 3,
        shard: { index: 2, count: 8 },
        explorers: 2,
        save: false,
        signal: expect.any(AbortSignal) as AbortSignal,
      },
    ]);
  });

  it('leaves defaults to the campaign, but for saving', async () => {
    const { run, options } = fakeRun();
    await runCommand(['run'], { run });
    expect(options[0]).toMatchObject({ files: [], seed: undefined, runs: undefined, save: true });
  });

  it('exits with 0 when all is as expected, with 1 when something is not', async () => {
    expect(await runCommand(['run'], fakeRun())).toMatchObject({ exitCode: 0, stderr: '' });
    expect(await runCommand(['run'], fakeRun([scenarioResultSample()]))).toMatchObject({ exitCode: 1, stderr: '' });
  });

  it('exits with 2 when the user is wrong and with 3 when the harness is, saying why and showing no stack', async () => {
    expect(await runCommand(['run'], throwing(new UsageError('no such file')))).toEqual({
      exitCode: 2,
      stdout: '',
      stderr: 'error: no such file\n',
    });
    expect(await runCommand(['run'], throwing(new HarnessError('results is read-only')))).toEqual({
      exitCode: 3,
      stdout: '',
      stderr: 'error: results is read-only\n',
    });
    const bug = await runCommand(['run'], throwing(new TypeError('oops')));
    expect(bug).toMatchObject({
      exitCode: 3,
      stderr: expect.stringContaining('This is a bug in threadmill') as string,
    });
    expect(bug.stderr).not.toMatch(/^\s+at /m);
    const debugged = await runCommand(['run'], throwing(new TypeError('oops')), {
      environment: { THREADMILL_DEBUG: '1' },
    });
    expect(debugged.stderr).toMatch(/^\s+at /m);
  });

  it.each([
    ['--seed x', /'--seed <integer>' argument 'x' is invalid/],
    ['--seed 4294967296', /whole number from -2147483648 to 2147483647/],
    ['--runs 0', /whole number, at least 1/],
    ['--runs 1.5', /whole number, at least 1/],
    ['--budget 30', /such as 500ms, 30s, 10m/],
    ['--budget 0s', /such as 500ms, 30s, 10m/],
    ['--budget 999999h', /such as 500ms, 30s, 10m/],
    ['--strategy luck', /Allowed choices are mix, preemptions, pct, pos, surw, randomWalk, roundRobin/],
    ['--shard 3/2', /i\/n, with i from 1 to n/],
    ['--shard 0/2', /i\/n, with i from 1 to n/],
    ['--reporter xml', /Unknown reporter "xml"/],
    ['--output a.xml', /Add --reporter junit/],
    ['--reporter default --reporter json', /cannot share stdout\. Write json to a file with --json FILE/],
    ['--reporter default --reporter junit', /cannot share stdout\. Write junit to a file with --output FILE/],
    ['--frobnicate', /unknown option '--frobnicate'/],
  ])('refuses %s', async (flags, message) => {
    const outcome = await runCommand(['run', ...flags.split(' ')]);
    expect(outcome).toMatchObject({ exitCode: 2, stdout: '' });
    expect(outcome.stderr).toMatch(message);
    expect(outcome.stderr.trim().split('\n')).toHaveLength(1);
  });

  it('prints nothing but JSON with --reporter json', async () => {
    const { stdout, stderr } = await runCommand(['run', '--reporter', 'json'], fakeRun([scenarioResultSample()]));
    expect(runRecordSchema.parse(JSON.parse(stdout)).scenarios).toHaveLength(1);
    expect(stderr).toBe('');
  });

  it('writes reports into files beside what it prints', async () => {
    const projectDirectory = temporaryFolder();
    const flags = '--json out/run.json --reporter default --reporter github --reporter junit --output out/junit.xml';
    const { stdout } = await runCommand(['run', ...flags.split(' ')], fakeRun([scenarioResultSample()]), {
      projectDirectory,
      environment: { GITHUB_WORKSPACE: path.dirname(projectDirectory) },
    });
    expect(stdout).toContain('✗ counter: load then store');
    expect(stdout).toContain(`::error file=${path.basename(projectDirectory)}/scenarios/counter/`);
    runRecordSchema.parse(JSON.parse(readFileSync(path.join(projectDirectory, 'out/run.json'), 'utf8')));
    expect(readFileSync(path.join(projectDirectory, 'out/junit.xml'), 'utf8')).toContain('<testsuites');
  });

  it('appends a summary where it is asked to, and to the job page by itself in GitHub Actions', async () => {
    const projectDirectory = temporaryFolder();
    const page = path.join(projectDirectory, 'page.md');
    writeFileSync(page, 'another step\n');
    const environment = { GITHUB_STEP_SUMMARY: page };
    await runCommand(['run', '--summary', 'out/a.md'], fakeRun(), { projectDirectory, environment });
    expect(readFileSync(page, 'utf8')).toBe('another step\n');
    const summary = readFileSync(path.join(projectDirectory, 'out/a.md'), 'utf8');
    expect(summary).toMatch(/^## ✓ threadmill: 1 scenario met its expectation\n/);

    const flags = ['run', '--reporter', 'github', '--summary', 'page.md'];
    const { stdout } = await runCommand(flags, fakeRun(), { projectDirectory, environment });
    expect(readFileSync(page, 'utf8')).toBe(`another step\n${summary}`);
    expect(stdout).toBe('threadmill  seed 42\nseed 42\n');
  });

  it('tells the seed first and last', async () => {
    for (const results of [[heldResultSample()], [scenarioResultSample()]]) {
      const { stdout } = await runCommand(['run'], fakeRun(results));
      const lines = stdout.trim().split('\n');
      expect(lines[0]).toMatch(/^threadmill {2}seed 42 /);
      expect(lines.at(-1)).toMatch(/^seed 42 /);
    }
  });

  it('names the strategy in the command that reproduces, since a path depends on it', async () => {
    const { stdout } = await runCommand(['run', '--strategy', 'pct'], fakeRun([scenarioResultSample()]));
    expect(stdout).toContain('--seed 42 --path 3:0:1 --strategy pct');
  });

  it('says where it could not write', async () => {
    const projectDirectory = temporaryFolder();
    const outcome = await runCommand(['run', '--json', '.'], fakeRun(), { projectDirectory });
    expect(outcome.exitCode).toBe(3);
    expect(outcome.stderr).toContain('Cannot write .');
    expect(existsSync(path.join(projectDirectory, 'results'))).toBe(false);
  });
});
