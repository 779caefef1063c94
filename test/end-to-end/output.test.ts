import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { commandFile, makeUserProject, runCommand } from './command.js';
import { counterScenario, soundCount } from './scenarios.js';

/** A device that is always full; not every system has it. */
const fullDevice = '/dev/full';
const run = ['run', '--seed', '1', '--runs', '20', '--explorers', '1'];

let project: string;

beforeAll(() => {
  project = makeUserProject();
  mkdirSync(path.join(project, 'scenarios'));
  writeFileSync(path.join(project, 'scenarios/sound.scenario.ts'), counterScenario('sound', soundCount));
});

afterAll(() => {
  rmSync(project, { recursive: true, force: true });
});

describe.skipIf(!existsSync(fullDevice))('a full disk', () => {
  it.each([
    ['stdout', ['list']],
    ['stdout', ['--help']],
    ['stdout', run],
    ['stderr', ['list', 'absent']],
  ])('under %s of %j is told on one line where there is one, with exit code 3', (full, words) => {
    const device = openSync(fullDevice, 'w');
    const { status, stdout, stderr } = spawnSync(process.execPath, [commandFile, ...words], {
      cwd: project,
      stdio: ['ignore', full === 'stdout' ? device : 'pipe', full === 'stderr' ? device : 'pipe'],
      encoding: 'utf8',
    });
    closeSync(device);
    expect(status).toBe(3);
    if (full === 'stdout') expect(stderr).toMatch(/^error: Cannot write to stdout: ENOSPC: .*\n$/);
    else expect(stdout).toBe('');
  });

  it('keeps the record of the run all the same', () => {
    expect(readdirSync(path.join(project, 'results/runs'))).toHaveLength(1);
  });

  it('under one report is told, and leaves the others alone', async () => {
    const reports = ['--reporter', 'junit', '--output', fullDevice, '--json', 'out.json', '--summary', 'out.md'];
    const { exitCode, stderr } = await runCommand([...run, ...reports, '--no-save'], project);
    expect(exitCode).toBe(3);
    expect(stderr).toMatch(
      /^error: Cannot write \/dev\/full: ENOSPC: .*\nFree some space, or choose another file with --output\.\n$/,
    );
    expect(readdirSync(project)).toEqual(expect.arrayContaining(['out.json', 'out.md']));
  });
});

describe('the process of esbuild', () => {
  /** Code that Node loads before the command. It kills that process as soon as it starts, a number of times. */
  const killing = (times: number): NodeJS.ProcessEnv => {
    const file = path.join(project, `kill-${times}.mjs`);
    const text = `import childProcess from 'node:child_process';
const { spawn } = childProcess;
let killed = 0;
childProcess.spawn = (...given) => {
  const child = spawn(...given);
  if (given[1]?.some?.((word) => String(word).startsWith('--service=')) && killed++ < ${times}) child.kill('SIGKILL');
  return child;
};
`;
    writeFileSync(file, text);
    return { NODE_OPTIONS: `--import ${pathToFileURL(file).href}` };
  };

  it('is started again when it has been killed', async () => {
    const { exitCode, stdout, stderr } = await runCommand(['list'], project, killing(1));
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).toContain('sound');
  });

  it('is one clear line, with exit code 3, when it is killed each time', async () => {
    const { exitCode, stdout, stderr } = await runCommand(['list'], project, killing(9));
    expect({ exitCode, stdout }).toEqual({ exitCode: 3, stdout: '' });
    expect(stderr).toMatch(/^error: The esbuild process.*\n$/);
  });
});
