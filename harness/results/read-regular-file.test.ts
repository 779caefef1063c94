import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { isDanglingLink, readRegularFile } from './read-regular-file.js';

const folder = (): string => mkdtempSync(path.join(tmpdir(), 'threadmill-read-'));

describe('readRegularFile', () => {
  it('reads a file as a whole, by a link too', () => {
    const directory = folder();
    const text = `${'é'.repeat(100_000)}\n`;
    writeFileSync(path.join(directory, 'a'), text);
    symlinkSync('a', path.join(directory, 'b'));
    expect(readRegularFile(path.join(directory, 'a'), 1_000_000)).toEqual({ text });
    expect(readRegularFile(path.join(directory, 'b'), 1_000_000)).toEqual({ text });
    expect(readRegularFile(path.join(directory, 'a'), 1_000)).toEqual({ bytes: 200_001 });
    expect(() => readRegularFile(path.join(directory, 'c'), 1_000)).toThrow('ENOENT');
  });

  it.skipIf(process.platform === 'win32')('waits for nothing that stands in the place of a file', async () => {
    const directory = folder();
    const at = (name: string): string => path.join(directory, name);
    mkdirSync(at('folder'));
    execFileSync('mkfifo', [at('pipe')]);
    const server = createServer();
    await new Promise<void>((resolve) => {
      server.listen(at('socket'), resolve);
    });
    try {
      expect(readRegularFile(at('folder'), 10)).toEqual({ standsThere: 'a folder' });
      expect(readRegularFile(at('pipe'), 10)).toEqual({ standsThere: 'a named pipe' });
      expect(readRegularFile(at('socket'), 10)).toEqual({ standsThere: 'a socket' });
      expect(readRegularFile('/dev/zero', 10)).toEqual({ standsThere: 'a device' });
    } finally {
      server.close();
    }
  });
});

describe('isDanglingLink', () => {
  it('is true of a link to nothing alone', () => {
    const directory = folder();
    writeFileSync(path.join(directory, 'file'), '');
    for (const [name, target] of [['good', 'file'], ['bad', 'nowhere']] as const) symlinkSync(target, path.join(directory, name)); // prettier-ignore
    const found = ['file', 'good', 'bad', 'nowhere'].filter((name) => isDanglingLink(path.join(directory, name)));
    expect(found).toEqual(['bad']);
  });
});
