import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { HarnessError, UsageError } from '../errors.js';
import { counterexampleSample, runRecordSample } from '../report/testing/samples.js';
import { saveCounterexample, writeRunRecord } from './folder.js';
import { checkSaved, readCorpus, readCounterexample } from './read-counterexample.js';
import { readKeptRuns } from './read-runs.js';
import { schemaVersion } from './schema.js';

let project: string;
const inProject = (file: string): string => path.join(project, file);

beforeEach(() => {
  project = mkdtempSync(path.join(tmpdir(), 'threadmill-store-'));
});

describe('readCorpus', () => {
  it('gives nothing where there is nothing', () => {
    expect(readCorpus(project)).toEqual({ entries: [], problems: [] });
  });

  it('gives what was saved, in the order of the names', () => {
    const samples = [
      counterexampleSample({ writers: 3 }),
      counterexampleSample(),
      counterexampleSample({ trace: [], readers: 5 }),
    ];
    const files = samples.map((sample) => saveCounterexample(project, sample).file);
    const { entries, problems } = readCorpus(project);
    expect(problems).toEqual([]);
    expect(entries.map((entry) => entry.file)).toEqual(files.sort());
    expect(entries.map((entry) => entry.counterexample)).toEqual(expect.arrayContaining(samples));
  });

  it('reports what it cannot read, and leaves it alone', () => {
    const { file } = saveCounterexample(project, counterexampleSample());
    const whole = readFileSync(inProject(file), 'utf8');
    const content = JSON.parse(whole) as Record<string, unknown>;
    const bad: Record<string, [text: string, problem: RegExp]> = {
      'a-truncated.json': [whole.slice(0, 300), /a-truncated\.json is not valid JSON.*cut short.*delete it/],
      'b-empty.json': ['', /b-empty\.json is not valid JSON/],
      'c-newer.json': [
        JSON.stringify({ ...content, version: schemaVersion + 1 }),
        /c-newer\.json has version 3, but this threadmill reads version 2\. Update/,
      ],
      'd-older.json': [
        JSON.stringify({ ...content, version: 0 }),
        /d-older\.json has version 0, but .* Run its scenario to find/,
      ],
      'e-other.json': ['{"a":1}', /e-other\.json is not a Threadmill counterexample/],
      'f-damaged.json': [
        JSON.stringify({ ...content, steps: 'many' }),
        /f-damaged\.json is damaged at steps: .*Restore it/,
      ],
      'g-null.json': ['null', /g-null\.json is not a Threadmill counterexample/],
      'g-version.json': [
        JSON.stringify({ ...content, version: { toString: 1 } }),
        /g-version\.json has a version that is not a number, .* Run its scenario to find/,
      ],
      'g1-writers.json': [JSON.stringify({ ...content, writers: 5_000 }), /g1-writers\.json is damaged at writers: /],
      'g2-agents.json': [
        JSON.stringify({ ...content, agents: [] }),
        /is damaged at agents: found 0, expected at least 3 names.*Restore it/,
      ],
      'g3-outside.json': [
        JSON.stringify({ ...content, scenario: { name: 'a', file: '../a.scenario.ts' } }),
        /names a scenario outside of the project, "\.\.\/a\.scenario\.ts"; expected a path within it\. Restore it/,
      ],
    };
    for (const [name, [text]] of Object.entries(bad)) writeFileSync(inProject(`results/corpus/${name}`), text);
    mkdirSync(inProject('results/corpus/h-folder.json'));
    writeFileSync(inProject('results/corpus/README.md'), 'not mine');

    const { entries, problems } = readCorpus(project);
    expect(entries.map((entry) => entry.file)).toEqual([file]);
    expect(problems).toHaveLength(Object.keys(bad).length + 1);
    for (const [index, [, problem]] of Object.values(bad).entries()) expect(problems[index]).toMatch(problem);
    expect(problems.at(-1)).toMatch(/h-folder\.json is a folder/);
    for (const [name, [text]] of Object.entries(bad)) {
      expect(readFileSync(inProject(`results/corpus/${name}`), 'utf8')).toBe(text);
    }
  });

  it.skipIf(process.platform === 'win32')('follows no link out of the project, and waits for no pipe', () => {
    const { file } = saveCounterexample(project, counterexampleSample());
    const outside = mkdtempSync(path.join(tmpdir(), 'threadmill-outside-'));
    copyFileSync(inProject(file), path.join(outside, 'a.json'));
    symlinkSync(path.join(outside, 'a.json'), inProject('results/corpus/a-link.json'));
    symlinkSync('nowhere.json', inProject('results/corpus/b-link.json'));
    symlinkSync('c-link.json', inProject('results/corpus/c-link.json'));
    execFileSync('mkfifo', [inProject('results/corpus/d-pipe.json')]);
    const { entries, problems } = readCorpus(project);
    expect(entries.map((entry) => entry.file)).toEqual([file]);
    expect(problems).toEqual([
      expect.stringContaining(
        'a-link.json is a link to a file outside the project. Replace the link with the file itself',
      ),
      expect.stringContaining('b-link.json is a link to a file that does not exist. Restore that file'),
      expect.stringContaining('c-link.json cannot be read (ELOOP)'),
      expect.stringContaining('d-pipe.json is a named pipe, not a file. Move it elsewhere, or delete it.'),
    ]);

    const other = mkdtempSync(path.join(tmpdir(), 'threadmill-store-'));
    symlinkSync(inProject('results'), path.join(other, 'results'));
    const { problems: left } = readCorpus(other);
    expect(left).toEqual([expect.stringContaining('results/corpus is a link to ')]);
    expect(() => saveCounterexample(other, counterexampleSample({ readers: 2 }))).toThrow(/outside the project/);
    expect(() => writeRunRecord(other, runRecordSample([]))).toThrow(
      /results\/runs is a link to .*, outside the project.*--no-save/s,
    );
    expect(readKeptRuns(other).problems).toHaveLength(2);
  });

  it('survives a corpus that is no folder', () => {
    mkdirSync(inProject('results'));
    writeFileSync(inProject('results/corpus'), '');
    expect(readCorpus(project).problems).toEqual([expect.stringContaining('results/corpus cannot be read (ENOTDIR)')]);
  });
});

describe('readCounterexample', () => {
  it('reads what was saved', () => {
    const { file } = saveCounterexample(project, counterexampleSample());
    expect(readCounterexample(inProject(file))).toEqual(counterexampleSample());
  });

  it('says what is wrong with the file', () => {
    expect(() => readCounterexample(inProject('none.json'))).toThrow(UsageError);
    expect(() => readCounterexample(inProject('none.json'))).toThrow(/none\.json does not exist/);
    writeFileSync(inProject('bad.json'), '{');
    expect(() => readCounterexample(inProject('bad.json'))).toThrow(/bad\.json is not valid JSON/);
  });
});

describe('checkSaved', () => {
  it('says what stands in the place of the file', () => {
    const { file } = saveCounterexample(project, counterexampleSample());
    const check = (): void => checkSaved(project, file);
    expect(check).not.toThrow();
    writeFileSync(inProject(file), '<<<<<<< ours');
    expect(check).toThrow(/it already exists and is not valid JSON/);
    rmSync(inProject(file));
    mkdirSync(inProject(file));
    expect(check).toThrow(HarnessError);
    expect(check).toThrow(/it already exists and is a folder/);
  });
});
