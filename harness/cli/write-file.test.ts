import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { HarnessError } from '../errors.js';
import { temporaryFolder } from './testing/command.js';
import { appendRequestedFile, writeRequestedFile } from './write-file.js';

describe('writeRequestedFile', () => {
  it('writes anew, or after what is there, in a folder that it makes', () => {
    const folder = temporaryFolder();
    writeRequestedFile(folder, 'a/b.txt', 'one', '--json');
    writeRequestedFile(folder, 'a/b.txt', 'two', '--json');
    appendRequestedFile(folder, 'a/b.txt', 'three', '--json');
    expect(readFileSync(path.join(folder, 'a/b.txt'), 'utf8')).toBe('twothree');
  });

  it('says what stands in its place, and does not wait for it', () => {
    const folder = temporaryFolder();
    mkdirSync(path.join(folder, 'folder'));
    writeFileSync(path.join(folder, 'file'), '');
    const problems: [file: string, problem: string][] = [
      ['folder', 'it is a folder'],
      ['file/a.txt', 'its parent is not a folder'],
    ];
    if (process.platform !== 'win32') {
      execFileSync('mkfifo', [path.join(folder, 'pipe')]);
      problems.push(['pipe', 'it is a pipe without a reader']);
    }
    for (const [file, problem] of problems) {
      const write = (): void => writeRequestedFile(folder, file, 'text', '--output');
      expect(write).toThrow(new HarnessError(`Cannot write ${file}: ${problem}.\nChoose another file with --output.`));
    }
  });

  it.skipIf(process.platform === 'win32')('writes into a pipe that is read', async () => {
    const folder = temporaryFolder();
    const pipe = path.join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    // A reader that has the pipe open: a shell opens both ends at once, so there is nothing to wait for.
    const reader = spawn('sh', ['-c', 'exec 3<>"$1"; echo ready; head -c 200000 <&3 | wc -c', 'sh', pipe]);
    let printed = '';
    reader.stdout.setEncoding('utf8').on('data', (text: string) => (printed += text));
    await expect.poll(() => printed).toBe('ready\n');
    writeRequestedFile(folder, 'pipe', 'x'.repeat(200_000), '--json');
    await expect.poll(() => printed.replaceAll(' ', '')).toBe('ready\n200000\n');
  });
});
