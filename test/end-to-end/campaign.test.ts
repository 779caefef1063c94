import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { beforeEach, describe, expect, it } from 'vitest';
import { counterexampleSchema, runRecordSchema } from '../../harness/results/schema.js';
import type { RunRecord } from '../../harness/results/schema.js';
import { makeUserProject, runCommand, startCommand } from './command.js';
import { counterScenario, lossyCount, soundCount } from './scenarios.js';

let project: string;
const inProject = (file: string): string => path.join(project, file);

beforeEach(() => {
  project = makeUserProject();
  mkdirSync(inProject('scenarios'));
});

function writeScenario(name: string, text: string): void {
  writeFileSync(inProject(`scenarios/${name}.scenario.ts`), text);
}

function readRecord(file: string): RunRecord {
  return runRecordSchema.parse(JSON.parse(readFileSync(inProject(file), 'utf8')));
}

describe('threadmill run', () => {
  it('exits with 0 when every expectation is met, and writes the record', async () => {
    writeScenario('sound', counterScenario('sound', soundCount));
    writeScenario('lossy', counterScenario('lossy', lossyCount, 'violation'));
    const { exitCode, stdout, stderr } = await runCommand(
      ['run', '--seed', '7', '--runs', '300', '--json', 'out.json'],
      project,
    );
    expect({ exitCode, stderr: stderr.replace(/^\[.*\n/gm, '') }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).toContain('✓ sound  held, 300 executions');
    expect(stdout).toMatch(/✓ lossy {2}violation \(count\) as expected, after \d+ executions?, 1 preemption/);
    const record = readRecord('out.json');
    expect(record).toMatchObject({ seed: 7, met: true, interrupted: false });
    expect(record.scenarios.map(({ name, met, verdict }) => ({ name, met, verdict }))).toEqual([
      { name: 'lossy', met: true, verdict: 'violation' },
      { name: 'sound', met: true, verdict: 'held' },
    ]);
    const [kept] = readdirSync(inProject('results/runs'));
    expect(readRecord(`results/runs/${kept ?? ''}`)).toEqual(record);
  });

  it('exits with 1 and reproduces from the commands it prints', async () => {
    writeScenario('lossy', counterScenario('lossy', lossyCount));
    const { exitCode, stdout } = await runCommand(['run', '--json', 'out.json'], project);
    expect(exitCode).toBe(1);
    expect(stdout).toContain('✗ lossy  violation (count), expected held');
    expect(stdout).toContain('could have continued');
    const [result] = readRecord('out.json').scenarios;
    const { counterexample } = result ?? {};
    expect(counterexample).toMatchObject({ preemptions: 1, params: { increments: 1 } });

    const replay = /npx threadmill (replay .*)/.exec(stdout)?.[1] ?? '';
    expect(replay).toBe(`replay ${counterexample?.file ?? ''}`);
    const replayed = await runCommand([...replay.split(' '), '--times', '20'], project);
    expect(replayed.exitCode).toBe(0);
    expect(replayed.stdout).toContain(`all 20 replays gave the saved trace: ${counterexample?.traceHash ?? ''}`);

    const rerun = /npx threadmill (run .*)/.exec(stdout)?.[1] ?? '';
    const found = await runCommand([...rerun.split(' '), '--json', 'again.json'], project);
    expect(found.exitCode).toBe(1);
    expect(readRecord('again.json').scenarios[0]?.counterexample?.traceHash).toBe(counterexample?.traceHash);
  });

  it('keeps one file for each counterexample and leaves unreadable ones alone', async () => {
    writeScenario('lossy', counterScenario('lossy', lossyCount, 'violation'));
    mkdirSync(inProject('results/corpus'), { recursive: true });
    writeFileSync(inProject('results/corpus/broken.json'), '{"schema":"threadm');
    const first = await runCommand(['run', '--seed', '1'], project);
    expect(first.exitCode).toBe(0);
    expect(first.stdout).toMatch(/note results\/corpus\/broken\.json is not valid JSON/);
    expect(readFileSync(inProject('results/corpus/broken.json'), 'utf8')).toBe('{"schema":"threadm');
    const names = readdirSync(inProject('results/corpus')).filter((name) => name !== 'broken.json');
    expect(names).toHaveLength(1);
    const text = readFileSync(inProject(`results/corpus/${names[0] ?? ''}`), 'utf8');
    expect(counterexampleSchema.parse(JSON.parse(text)).scenario.name).toBe('lossy');
    await runCommand(['run', '--seed', '1'], project);
    expect(readFileSync(inProject(`results/corpus/${names[0] ?? ''}`), 'utf8')).toBe(text);
  });

  it('writes nothing with --no-save', async () => {
    writeScenario('lossy', counterScenario('lossy', lossyCount));
    const { exitCode, stdout } = await runCommand(['run', '--no-save'], project);
    expect(exitCode).toBe(1);
    expect(stdout).not.toContain('threadmill replay');
    expect(existsSync(inProject('results'))).toBe(false);
  });

  it.each([
    ['a syntax error', 'export default {', /bad\.scenario\.ts/],
    ['a missing package', "import 'no-such-package'; export default 1;", /no-such-package/],
    ['no scenario', 'export default 5;', /bad\.scenario\.ts/],
    ['no run', "export default { name: 'x', store: () => 1, writers: { count: 1 } };", /writers\.run/],
  ])('exits with 2 for a file with %s, with one clear error', async (_, text, message) => {
    writeScenario('bad', text);
    const { exitCode, stdout, stderr } = await runCommand(['run'], project);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/^\s+at .*harness/m);
  });

  it('exits with 2 when no file matches', async () => {
    expect(await runCommand(['run', 'nowhere/*.scenario.ts'], project)).toMatchObject({ exitCode: 2, stdout: '' });
    expect(await runCommand(['replay', 'nowhere.json'], project)).toMatchObject({ exitCode: 2, stdout: '' });
  });

  it('exits with 3 when results cannot be written', async () => {
    writeScenario('sound', counterScenario('sound', soundCount));
    writeFileSync(inProject('results'), 'in the way');
    const { exitCode, stderr } = await runCommand(['run', '--runs', '10'], project);
    expect(exitCode).toBe(3);
    expect(stderr).toMatch(/error: Cannot write results\/runs\/.*\n.*--no-save/);
  });

  it.skipIf(process.platform === 'win32').each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('keeps what is finished when %s comes', async (signal, expectedCode) => {
    writeScenario('a-lossy', counterScenario('lossy', lossyCount, 'violation'));
    writeScenario('b-sound', counterScenario('sound', soundCount));
    const command = startCommand(['run', '--budget', '10m', '--json', 'out.json'], project);
    await command.waitFor(/✓ lossy/);
    command.process.kill(signal);
    const { exitCode, stderr } = await command.outcome;
    expect(exitCode).toBe(expectedCode);
    expect(stderr).toContain('stopping; results are kept');
    const record = readRecord('out.json');
    expect(record).toMatchObject({ interrupted: true, met: false });
    expect(record.scenarios[0]).toMatchObject({ name: 'lossy', met: true });
    expect(readdirSync(inProject('results/runs'))).toHaveLength(1);
  });

  it('reports for machines on stdout alone', async () => {
    writeScenario('lossy', counterScenario('lossy', lossyCount));
    const json = await runCommand(['run', '--reporter', 'json'], project);
    expect(runRecordSchema.parse(JSON.parse(json.stdout)).met).toBe(false);
    const junit = await runCommand(['run', '--reporter', 'junit'], project);
    expect(junit.stdout).toMatch(/^<\?xml/);
    expect(junit.stdout).toContain('<failure type="violation"');
    expect(junit.stdout).toContain('file="scenarios/lossy.scenario.ts" line="14"');
    const github = await runCommand(['run', '--reporter', 'github'], project);
    expect(github.stdout).toMatch(/^::error file=scenarios\/lossy\.scenario\.ts,line=14,col=\d+,title=lossy/m);
  });
});

describe('threadmill list', () => {
  it('lists what is there without running it', async () => {
    writeScenario('sound', counterScenario('sound', soundCount));
    const { exitCode, stdout } = await runCommand(['list', '--json'], project);
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toEqual([
      { name: 'sound', file: 'scenarios/sound.scenario.ts', expected: 'held', invariants: ['count'] },
    ]);
  });
});
