import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { describe, expect, it } from 'vitest';
import { makeUserProject, packageDirectory, runCommand } from './command.js';

describe('the built command', () => {
  const folder = makeUserProject();

  it('explains itself', async () => {
    const { exitCode, stdout, stderr } = await runCommand(['--help'], folder);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).toContain('Usage: threadmill');
  });

  it('tells the version of the package', async () => {
    const { version } = JSON.parse(readFileSync(path.join(packageDirectory, 'package.json'), 'utf8')) as {
      version: string;
    };
    expect(await runCommand(['--version'], folder)).toEqual({ exitCode: 0, stdout: `${version}\n`, stderr: '' });
  });

  it.each([[[]], [['frobnicate']], [['run', '--seed', 'x']], [['run', '--path', '1']], [['replay']]])(
    'exits with 2 for %j, without a stack',
    async (commandArguments) => {
      const { exitCode, stdout, stderr } = await runCommand(commandArguments, folder);
      expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
      expect(stderr).not.toBe('');
      expect(stderr).not.toMatch(/^\s+at /m);
    },
  );

  it('loads neither bundler nor schemas for the sake of its help', () => {
    const main = path.join(packageDirectory, 'dist/harness/cli/main.js');
    const { stderr } = spawnSync(process.execPath, [main, '--help'], {
      env: { ...process.env, NODE_DEBUG: 'esm' },
      encoding: 'utf8',
    });
    expect(stderr).toContain('commander');
    expect(stderr).not.toMatch(/node_modules\/(zod|esbuild|oxc-parser|fast-check|xmlbuilder2)\//);
  });

  it('writes a first scenario into a user’s project', async () => {
    const { exitCode, stdout } = await runCommand(['init'], folder);
    expect(exitCode).toBe(0);
    expect(stdout).toContain('npx threadmill run');
    expect(existsSync(path.join(folder, 'scenarios/first.scenario.ts'))).toBe(true);
    expect((await runCommand(['init'], folder)).exitCode).toBe(2);
  });

  it.skipIf(process.platform === 'win32')('survives a reader that stops reading', () => {
    const main = path.join(packageDirectory, 'dist/harness/cli/main.js');
    const command = `"${process.execPath}" "${main}" run --help | true; echo "\${PIPESTATUS[0]}"`;
    const { stdout, stderr } = spawnSync('bash', ['-c', command], { encoding: 'utf8' });
    expect({ stdout, stderr }).toEqual({ stdout: '0\n', stderr: '' });
  });
});
