import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import type { List, ReplayOptions, ReplayResult } from '../campaign/api.js';
import { counterexampleSample } from '../report/testing/samples.js';
import { watchSignals } from './signals.js';
import { runCommand, temporaryFolder } from './testing/command.js';

function resultSample(changes: Partial<ReplayResult> = {}): ReplayResult {
  const saved = counterexampleSample();
  const traceHashes = [{ traceHash: saved.traceHash, count: 200 }];
  return { saved, replayed: saved, times: 200, agreeing: 200, traceHashes, firstDifference: null, ...changes };
}

describe('threadmill', () => {
  it('explains itself and every command', async () => {
    const help = await runCommand(['--help']);
    expect(help).toMatchObject({ exitCode: 0, stderr: '' });
    for (const command of ['run', 'merge', 'history', 'replay', 'list', 'init']) {
      expect(help.stdout).toContain(`  ${command} `);
      const { exitCode, stdout } = await runCommand([command, '--help']);
      expect(exitCode).toBe(0);
      expect(stdout).toContain('Examples:');
    }
  });

  it('tells its version', async () => {
    const { exitCode, stdout } = await runCommand(['--version']);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^\d+\.\d+\.\d+/);
  });

  it.each([[[]], [['frobnicate']], [['replay']], [['replay', 'a', 'b']]])('refuses %j', async (commandArguments) => {
    expect(await runCommand(commandArguments)).toMatchObject({ exitCode: 2, stdout: '' });
  });
});

describe('threadmill replay', () => {
  it('shows the counterexample and that it came out the same', async () => {
    const options: ReplayOptions[] = [];
    const replay = (given: ReplayOptions): Promise<ReplayResult> => {
      options.push(given);
      return Promise.resolve(resultSample());
    };
    const { exitCode, stdout } = await runCommand(['replay', 'a.json', '--times', '200'], { replay });
    expect(exitCode).toBe(0);
    expect(options).toEqual([expect.objectContaining({ file: 'a.json', times: 200 })]);
    expect(stdout).toContain('── preempted: writer 0 could have continued');
    expect(stdout).toContain('✓ all 200 replays gave the saved trace: 5f0c3a9be1d2');
  });

  it('says where replays differ', async () => {
    const [first = null, second = null] = counterexampleSample().trace;
    const traceHashes = [
      { traceHash: '5f0c3a9be1d2', count: 150 },
      { traceHash: 'ffffffffffff', count: 50 },
    ];
    const result = resultSample({ agreeing: 150, traceHashes, firstDifference: { first, second } });
    const { exitCode, stdout } = await runCommand(['replay', 'a.json'], { replay: () => Promise.resolve(result) });
    expect(exitCode).toBe(1);
    expect(stdout).toContain('✗ 150 of 200 replays gave the saved trace 5f0c3a9be1d2');
    expect(stdout).toContain('ffffffffffff  50 times');
    expect(stdout).toContain(
      'step 1, writer 1: Atomics.load #0[0] 0  scenarios/counter/load-then-store.scenario.ts:14:30',
    );
  });

  it('says when the failure is gone', async () => {
    const traceHashes = [{ traceHash: 'aaaaaaaaaaaa', count: 1 }];
    const result = resultSample({ times: 1, agreeing: 0, replayed: null, traceHashes });
    const { exitCode, stdout } = await runCommand(['replay', 'a.json'], { replay: () => Promise.resolve(result) });
    expect(exitCode).toBe(1);
    expect(stdout).toContain('It held this time');
    expect(stdout).toContain('the program has changed since the counterexample was saved');
  });

  it('writes the result as JSON', async () => {
    const projectDirectory = temporaryFolder();
    const replay = (): Promise<ReplayResult> => Promise.resolve(resultSample());
    await runCommand(['replay', 'a.json', '--json', 'out.json'], { replay }, { projectDirectory });
    expect(JSON.parse(readFileSync(path.join(projectDirectory, 'out.json'), 'utf8'))).toEqual(resultSample());
  });
});

describe('threadmill list', () => {
  const list: List = () =>
    Promise.resolve([
      { name: 'counter', file: 'scenarios/a.scenario.ts', expected: 'held', invariants: ['count', 'mine'] },
      {
        name: 'torn',
        file: 'scenarios/b.scenario.ts',
        expected: { verdict: 'violation', invariant: 'checksum' },
        invariants: [],
      },
    ]);

  it('prints one line a scenario', async () => {
    const { exitCode, stdout } = await runCommand(['list'], { list });
    expect(exitCode).toBe(0);
    expect(stdout).toBe(
      [
        'counter  held                  count, mine    scenarios/a.scenario.ts',
        'torn     violation (checksum)  no invariants  scenarios/b.scenario.ts',
        '',
      ].join('\n'),
    );
  });

  it('prints JSON', async () => {
    const { stdout } = await runCommand(['list', '--json'], { list });
    expect(JSON.parse(stdout)).toEqual(await list({ projectDirectory: '', files: [] }));
  });
});

describe('threadmill init', () => {
  it('writes a first scenario and says what to do next', async () => {
    const projectDirectory = temporaryFolder();
    writeFileSync(path.join(projectDirectory, '.gitignore'), 'node_modules');
    const { exitCode, stdout } = await runCommand(['init'], {}, { projectDirectory });
    expect(exitCode).toBe(0);
    expect(stdout).toContain('npm install --save-dev threadmill fast-check');
    expect(stdout).toContain('npx threadmill run');
    const scenario = readFileSync(path.join(projectDirectory, 'scenarios/first.scenario.ts'), 'utf8');
    expect(scenario.match(/from '[^']+'/g)).toEqual([
      "from 'fast-check'",
      "from 'threadmill'",
      "from 'threadmill/invariants'",
    ]);
    expect(readFileSync(path.join(projectDirectory, '.gitignore'), 'utf8')).toBe(
      'node_modules\nresults/runs/\nresults/stress/\nresults/exhaustive/\n',
    );
  });

  it('gives a repository a .gitignore', async () => {
    const projectDirectory = temporaryFolder();
    mkdirSync(path.join(projectDirectory, '.git'));
    const { stdout } = await runCommand(['init'], {}, { projectDirectory });
    expect(stdout).toContain('Added results/runs/, results/stress/ and results/exhaustive/ to .gitignore');
    expect(readFileSync(path.join(projectDirectory, '.gitignore'), 'utf8')).toBe(
      'results/runs/\nresults/stress/\nresults/exhaustive/\n',
    );
  });

  it('asks for no package that is there, and makes no .gitignore', async () => {
    const projectDirectory = temporaryFolder();
    const devDependencies = { threadmill: '*', 'fast-check': '*' };
    writeFileSync(path.join(projectDirectory, 'package.json'), JSON.stringify({ devDependencies }));
    const { stdout } = await runCommand(['init'], {}, { projectDirectory });
    expect(stdout).not.toContain('npm install');
    expect(stdout).not.toContain('.gitignore');
  });

  it('never overwrites', async () => {
    const projectDirectory = temporaryFolder();
    const file = path.join(projectDirectory, 'scenarios/first.scenario.ts');
    mkdirSync(path.dirname(file));
    writeFileSync(file, 'mine');
    expect(await runCommand(['init'], {}, { projectDirectory })).toEqual({
      exitCode: 2,
      stdout: '',
      stderr: 'error: scenarios/first.scenario.ts already exists, so nothing was written.\n',
    });
    expect(readFileSync(file, 'utf8')).toBe('mine');
  });

  it('works in another folder, which has to be there', async () => {
    const projectDirectory = temporaryFolder();
    expect(await runCommand(['init', 'nowhere'], {}, { projectDirectory })).toMatchObject({ exitCode: 2 });
    mkdirSync(path.join(projectDirectory, 'packages'));
    expect((await runCommand(['init', 'packages'], {}, { projectDirectory })).stdout).toContain('  cd packages\n');
  });

  it('says when it cannot write', async () => {
    const projectDirectory = temporaryFolder();
    writeFileSync(path.join(projectDirectory, 'scenarios'), 'a file');
    const outcome = await runCommand(['init'], {}, { projectDirectory });
    expect(outcome.exitCode).toBe(3);
    expect(outcome.stderr).toContain('Cannot write to');
  });
});

describe('watchSignals', () => {
  it('asks to stop at the first signal and leaves at the second', () => {
    const listeners = new Map<string, () => void>();
    const exit = vi.fn();
    const source = { on: (name: string, listener: () => void) => listeners.set(name, listener), exit };
    const written: string[] = [];
    const interruption = watchSignals(source as unknown as Parameters<typeof watchSignals>[0], {
      write: (text) => written.push(text),
    });
    expect(interruption.caught).toBeUndefined();
    listeners.get('SIGTERM')?.();
    expect(interruption.signal.aborted).toBe(true);
    expect(interruption.caught).toBe('SIGTERM');
    expect(written.join('')).toContain('stopping; results are kept');
    expect(exit).not.toHaveBeenCalled();
    listeners.get('SIGINT')?.();
    expect(exit).toHaveBeenCalledWith(130);
  });
});
