import { existsSync, mkdtempSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { makeFolder } from './make-folder.js';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'threadmill-folder-'));
});

const inFolder = (...parts: string[]): string => path.join(folder, ...parts);

describe('makeFolder', () => {
  it('makes all that is missing, and may be asked again', () => {
    for (let time = 0; time < 2; time++) makeFolder(inFolder('a', 'b', 'c'));
    expect(statSync(inFolder('a', 'b', 'c')).isDirectory()).toBe(true);
  });

  it('follows links, as everything else does', () => {
    makeFolder(inFolder('real'));
    symlinkSync(inFolder('real'), inFolder('link'), 'junction');
    makeFolder(inFolder('link', 'a'));
    expect(existsSync(inFolder('real', 'a'))).toBe(true);
  });

  it('says what is in the way', () => {
    writeFileSync(inFolder('file'), '');
    expect(() => makeFolder(inFolder('file', 'a', 'b'))).toThrow(/^(?:ENOTDIR|ENOENT|EEXIST)/);
    symlinkSync(inFolder('self'), inFolder('self'), 'junction');
    expect(() => makeFolder(inFolder('self', 'a'))).toThrow(/^E(?:LOOP|NOENT|EXIST)/);
  });

  it.skipIf(!existsSync('/proc/self'))('comes back where nobody can make one', () => {
    expect(() => makeFolder('/proc/threadmill/a')).toThrow(/^E(?:NOENT|ACCES|PERM)/);
  });
});
