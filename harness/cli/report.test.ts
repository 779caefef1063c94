import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { counterexampleSample } from '../report/testing/samples.js';
import { runCommand, temporaryFolder } from './testing/command.js';

function projectWithCounterexample(): string {
  const projectDirectory = temporaryFolder();
  mkdirSync(path.join(projectDirectory, 'corpus'));
  writeFileSync(path.join(projectDirectory, 'corpus/a.json'), JSON.stringify(counterexampleSample()));
  return projectDirectory;
}

const read = (...parts: string[]): string => readFileSync(path.join(...parts), 'utf8');

describe('threadmill report', () => {
  it('puts the page into the working directory, and says where', async () => {
    const projectDirectory = projectWithCounterexample();
    const outcome = await runCommand(['report', 'corpus/a.json'], {}, { projectDirectory });
    expect(outcome).toMatchObject({ exitCode: 0, stderr: '' });
    expect(outcome.stdout).toMatch(
      /^Wrote the page to a\.html\nIt shows the saved line of each operation, without the lines around it: corpus\/a\.json names the scenario file .*, which is not in .*\n$/,
    );
    expect(read(projectDirectory, 'a.html')).toContain('counter: load then store');
    expect(existsSync(path.join(projectDirectory, 'corpus/a.html'))).toBe(false);
  });

  it('puts page and trace where they are wanted', async () => {
    const projectDirectory = projectWithCounterexample();
    const flags = ['--output', 'out/page.html', '--trace', 'out/trace.json'];
    const { exitCode, stdout } = await runCommand(['report', 'corpus/a.json', ...flags], {}, { projectDirectory });
    expect(exitCode).toBe(0);
    expect(stdout).toContain('out/page.html');
    expect(stdout).toContain('Wrote the trace to out/trace.json. Open it in');
    expect(read(projectDirectory, 'out/page.html')).toMatch(/^<!doctype html>/);
    expect(JSON.parse(read(projectDirectory, 'out/trace.json'))).toHaveProperty('traceEvents');
  });

  it('refuses what is no counterexample, and writes nothing', async () => {
    const projectDirectory = projectWithCounterexample();
    writeFileSync(path.join(projectDirectory, 'other.json'), '{}');
    for (const file of ['other.json', 'absent.json', 'corpus']) {
      const { exitCode, stdout, stderr } = await runCommand(['report', file], {}, { projectDirectory });
      expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
      expect(stderr).toContain(file);
    }
    expect(existsSync(path.join(projectDirectory, 'other.html'))).toBe(false);
    expect(await runCommand(['report'])).toMatchObject({ exitCode: 2, stdout: '' });
  });

  it('says when the page cannot be written', async () => {
    const projectDirectory = projectWithCounterexample();
    const flags = ['--output', 'corpus/a.json/page.html'];
    const { exitCode, stderr } = await runCommand(['report', 'corpus/a.json', ...flags], {}, { projectDirectory });
    expect(exitCode).toBe(3);
    expect(stderr).toContain('Choose another file with --output.');
  });

  it.skipIf(!existsSync('/proc/self'))('says so too where no folder can be made', async () => {
    const projectDirectory = projectWithCounterexample();
    const flags = ['--output', '/proc/threadmill/page.html'];
    const { exitCode, stderr } = await runCommand(['report', 'corpus/a.json', ...flags], {}, { projectDirectory });
    expect(exitCode).toBe(3);
    expect(stderr).toMatch(
      /^error: Cannot write \/proc\/threadmill\/page\.html: .*\nChoose another file with --output\.\n$/,
    );
  });

  it('explains itself', async () => {
    expect((await runCommand(['--help'])).stdout).toContain('  report ');
    const { exitCode, stdout } = await runCommand(['report', '--help']);
    expect(exitCode).toBe(0);
    expect(stdout).toContain('Examples:');
    expect(stdout).toContain('Exit codes:');
  });
});

describe('threadmill replay --trace', () => {
  it('writes the operations of what was replayed', async () => {
    const projectDirectory = temporaryFolder();
    const saved = counterexampleSample();
    const traceHashes = [{ traceHash: saved.traceHash, count: 1 }];
    const result = { saved, replayed: saved, times: 1, agreeing: 1, traceHashes, firstDifference: null };
    const replay = (): Promise<typeof result> => Promise.resolve(result);
    const { exitCode, stdout } = await runCommand(
      ['replay', 'a.json', '--trace', 'trace.json'],
      { replay },
      { projectDirectory },
    );
    expect(exitCode).toBe(0);
    expect(stdout).toContain('Wrote the trace to trace.json');
    const { otherData } = JSON.parse(read(projectDirectory, 'trace.json')) as { otherData: unknown };
    expect(otherData).toMatchObject({ traceHash: saved.traceHash });
  });
});
