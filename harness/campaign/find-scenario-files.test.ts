import { mkdirSync, mkdtempSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { UsageError } from '../errors.js';
import { findScenarioFiles, findTestFiles } from './find-scenario-files.js';

let project: string;

beforeEach(() => {
  project = realpathSync(mkdtempSync(path.join(tmpdir(), 'threadmill-find-')));
});

function write(file: string): void {
  mkdirSync(path.dirname(path.join(project, file)), { recursive: true });
  writeFileSync(path.join(project, file), '');
}

/** A link to a folder, which may contain the link; a junction where links need permissions. */
function link(from: string, to: string): void {
  symlinkSync(path.join(project, to), path.join(project, from), 'junction');
}

const find = async (...patterns: string[]): Promise<string[]> =>
  (await findScenarioFiles(project, patterns)).map((file) => path.relative(project, file).replaceAll(path.sep, '/'));

describe('findScenarioFiles', () => {
  it('finds each file once, where it is, however folders link to themselves and to each other', async () => {
    write('scenarios/z.scenario.ts');
    write('scenarios/b/c/d.scenario.ts');
    for (let number = 0; number < 5; number++) {
      link(`scenarios/a${number}`, 'scenarios');
      link(`scenarios/b/a${number}`, 'scenarios');
      link(`scenarios/b/c/a${number}`, 'scenarios/b');
    }
    const wanted = ['scenarios/b/c/d.scenario.ts', 'scenarios/z.scenario.ts'];
    expect(await find()).toEqual(wanted);
    expect(await find('scenarios')).toEqual(wanted);
    expect(await find('scenarios/**/*.scenario.ts', 'scenarios/a0/z.scenario.ts')).toEqual(wanted);
  });

  it('finds what stands elsewhere through a link, under the name of the link', async () => {
    write('elsewhere/a.scenario.ts');
    write('scenarios/b.scenario.ts');
    link('scenarios/there', 'elsewhere');
    expect(await find()).toEqual(['scenarios/b.scenario.ts', 'scenarios/there/a.scenario.ts']);
  });

  it('says that a link leads nowhere', async () => {
    mkdirSync(path.join(project, 'scenarios'));
    link('scenarios/self', 'scenarios/self');
    await expect(find('scenarios/self')).rejects.toThrow(/matches "scenarios\/self" in .*; it is a broken link$/);
    await expect(find()).rejects.toBeInstanceOf(UsageError);
  });
});

describe('findTestFiles', () => {
  it('finds what vitest finds, and a file that is named wherever it is', async () => {
    const found = ['a.test.ts', 'src/b.spec.tsx', 'test/c.test.cjs'];
    const others = [
      'a.ts',
      'node_modules/x/d.test.js',
      'dist/e.test.js',
      'src/dist/f.test.js',
      'g.scenario.ts',
      'test/h.js',
    ];
    for (const file of [...found, ...others]) write(file);
    const relative = (files: readonly string[]): string[] =>
      files.map((file) => path.relative(project, file).replaceAll(path.sep, '/')).sort();
    expect(relative(await findTestFiles(project, []))).toEqual(found);
    expect(relative(await findTestFiles(project, ['test']))).toEqual(['test/c.test.cjs']);
    expect(relative(await findTestFiles(project, ['dist/e.test.js', 'test/h.js']))).toEqual([
      'dist/e.test.js',
      'test/h.js',
    ]);
    await expect(findTestFiles(project, ['*.x'])).rejects.toThrow(UsageError);
  });
});
