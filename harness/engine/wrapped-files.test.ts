import fs from 'node:fs';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { ForeignCalls } from './controlled/shadows/foreign-calls.js';
import { wrappedFiles, type WrappedFiles } from './wrapped-files.js';

const notedFiles = (calls: ForeignCalls): WrappedFiles => wrappedFiles((call, name) => calls.noting(call, name));

const file = new URL(import.meta.url);

describe('node:fs as the program sees it', () => {
  it.each<[string, (files: typeof fs) => Promise<unknown>]>([
    ['node:fs/promises.readFile', (files) => files.promises.readFile(file)],
    ['node:fs.readFile', (files) => promisify(files.readFile)(file)],
    ['node:fs.stat', (files) => promisify(files.stat)(file)],
  ])('%s does what it does, and is noted', async (name, call) => {
    const calls = new ForeignCalls();
    const result = await call(notedFiles(calls).fs as typeof fs);
    expect(calls.first).toBe(name);
    expect(JSON.stringify(result)).toBe(JSON.stringify(await call(fs)));
  });

  it('has everything else as it is, and notes nothing that is synchronous', () => {
    const calls = new ForeignCalls();
    const files = notedFiles(calls);
    const own = files.fs as typeof fs;
    expect(own.readFileSync(file, 'utf8')).toBe(fs.readFileSync(file, 'utf8'));
    expect(calls.first).toBeUndefined();
    expect(Object.keys(own)).toEqual(Object.keys(fs));
    expect(Object.keys(files.promises)).toEqual(Object.keys(fs.promises));
    expect(own.promises).toBe(files.promises);
    expect(own.Stats).toBe(fs.Stats);
  });
});
