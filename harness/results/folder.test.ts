import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { HarnessError, UsageError } from '../errors.js';
import { counterexampleSample, heldResultSample, operationSample, runRecordSample } from '../report/testing/samples.js';
import { maximumShards } from './merge.js';
import { readKeptRuns } from './read-runs.js';
import { counterexampleSchema, runRecordSchema, runSchemaVersion, schemaVersion } from './schema.js';
import {
  counterexampleFileName,
  readCorpus,
  readCounterexample,
  resultsLimits,
  saveCounterexample,
  writeRunRecord,
} from './folder.js';
import { stressJournalHeadSchema, stressLineSchema } from './stress-schema.js';
import { valueLimits } from './value-bounds.js';

let project: string;
const inProject = (file: string): string => path.join(project, file);

beforeEach(() => {
  project = mkdtempSync(path.join(tmpdir(), 'threadmill-store-'));
});

describe('writeRunRecord', () => {
  const record = runRecordSample([heldResultSample()]);

  it('names the file after time and seed, and never overwrites', () => {
    expect(writeRunRecord(project, record)).toBe('results/runs/2026-01-02T03-04-05Z-42.json');
    expect(writeRunRecord(project, record)).toBe('results/runs/2026-01-02T03-04-05Z-42-2.json');
    const names = readdirSync(inProject('results/runs'));
    expect(names.sort()).toEqual(['2026-01-02T03-04-05Z-42-2.json', '2026-01-02T03-04-05Z-42.json']);
  });

  it('writes what the schema reads', () => {
    const file = inProject(writeRunRecord(project, record));
    expect(runRecordSchema.parse(JSON.parse(readFileSync(file, 'utf8')))).toEqual(record);
  });

  it('says what is in the way and what to do', () => {
    writeFileSync(inProject('results'), 'a file');
    expect(() => writeRunRecord(project, record)).toThrow(HarnessError);
    expect(() => writeRunRecord(project, record)).toThrow(/Cannot write results\/runs\/.*\n.*--no-save/);
  });

  // The root user may write everywhere.
  it.skipIf(process.getuid?.() === 0)('says that a folder is read-only', () => {
    mkdirSync(inProject('results/runs'), { recursive: true });
    chmodSync(inProject('results/runs'), 0o555);
    expect(() => writeRunRecord(project, record)).toThrow(/EACCES.*\nMake .* writable, or run with --no-save/);
  });
});

describe('saveCounterexample', () => {
  it('writes one file a counterexample, under a name that stays', () => {
    const first = saveCounterexample(project, counterexampleSample());
    expect(first.isNew).toBe(true);
    expect(first.file).toMatch(/^results\/corpus\/counter-load-then-store--count--[0-9a-f]{8}\.json$/);
    const text = readFileSync(inProject(first.file), 'utf8');
    expect(saveCounterexample(project, counterexampleSample({ seed: 1, path: '9', trace: [] }))).toEqual({
      file: first.file,
      isNew: false,
    });
    expect(readFileSync(inProject(first.file), 'utf8')).toBe(text);
  });

  it('tells apart what would replay differently', () => {
    const sample = counterexampleSample();
    const others = [
      counterexampleSample({ writers: 3 }),
      counterexampleSample({ readers: 2 }),
      counterexampleSample({ params: { increments: 2 } }),
      counterexampleSample({ schedule: { ...sample.schedule, randomSeed: 1 } }),
      counterexampleSample({ failure: { ...sample.failure, invariant: 'checksum' } }),
      counterexampleSample({ scenario: { ...sample.scenario, file: 'other.scenario.ts' } }),
    ];
    expect(new Set([sample, ...others].map(counterexampleFileName)).size).toBe(others.length + 1);
  });

  it('does not mind the order of keys, nor the seed', () => {
    const one = counterexampleSample({ params: { a: 1, b: { c: 2, d: 3 } } });
    const other = counterexampleSample({ params: { b: { d: 3, c: 2 }, a: 1 }, seed: 7 });
    expect(counterexampleFileName(one)).toBe(counterexampleFileName(other));
  });

  it('makes a file name that every system takes, of any name', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (name) => {
        const scenario = { name, file: 'a.scenario.ts' };
        expect(counterexampleFileName(counterexampleSample({ scenario }))).toMatch(
          /^[a-z0-9]([a-z0-9-]{0,58}[a-z0-9])?--count--[0-9a-f]{8}\.json$/,
        );
      }),
    );
  });

  it('keeps files small enough to commit', () => {
    const trace = Array.from({ length: 20_000 }, (_, step) => operationSample(step, 1));
    const { file } = saveCounterexample(project, counterexampleSample({ trace, steps: trace.length }));
    const saved = readCounterexample(inProject(file));
    expect(saved.trace).toHaveLength(resultsLimits.savedTraceLength);
    // How it began, and how it ended.
    expect(saved.trace).toEqual([...trace.slice(0, 200), ...trace.slice(-800)]);
    expect(saved.steps).toBe(20_000);
  });

  it('writes one line for each operation', () => {
    const { file } = saveCounterexample(project, counterexampleSample());
    const lines = readFileSync(inProject(file), 'utf8').split('\n');
    expect(lines.filter((line) => line.startsWith('    {"step":'))).toHaveLength(5);
  });

  it('says what stands in the place of the file', () => {
    const { file } = saveCounterexample(project, counterexampleSample());
    writeFileSync(inProject(file), '<<<<<<< ours');
    expect(() => saveCounterexample(project, counterexampleSample())).toThrow(
      /it already exists and is not valid JSON/,
    );
    rmSync(inProject(file));
    mkdirSync(inProject(file));
    expect(() => saveCounterexample(project, counterexampleSample())).toThrow(HarnessError);
    expect(() => saveCounterexample(project, counterexampleSample())).toThrow(/it already exists and is a folder/);
  });

  it('leaves no temporary file behind', () => {
    const { file } = saveCounterexample(project, counterexampleSample());
    saveCounterexample(project, counterexampleSample());
    expect(readdirSync(inProject('results/corpus'))).toEqual([path.basename(file)]);
  });
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

describe('results/README.md', () => {
  const readme = readFileSync(new URL('../../results/README.md', import.meta.url), 'utf8');

  it.each([
    ['run records', runRecordSchema],
    ['journals’ heads', stressJournalHeadSchema],
    ['journals’ lines', stressLineSchema],
    ['counterexamples', counterexampleSchema],
  ])('mentions every field of %s', (_, schema) => {
    const fields = new Set<string>();
    collectFields(schema.toJSONSchema(), fields);
    expect(fields.size).toBeGreaterThan(8);
    expect([...fields].filter((field) => !readme.includes(`\`${field}\``))).toEqual([]);
  });

  it('tells the version and the limits', () => {
    expect(readme).toContain(`\`schema\` is \`threadmill/run\`, \`version\` is ${runSchemaVersion}.`);
    expect(readme).toContain(`\`schema\` is \`threadmill/counterexample\`, \`version\` is ${schemaVersion}.`);
    for (const [name, value] of Object.entries({ ...resultsLimits, ...valueLimits, maximumShards })) {
      expect(readme).toContain(`\`${name}\``);
      expect(readme).toContain(value.toLocaleString('en-US'));
    }
  });
});

function collectFields(schema: unknown, fields: Set<string>): void {
  if (typeof schema !== 'object' || schema === null) return;
  for (const [key, value] of Object.entries(schema)) {
    if (key === 'properties') for (const field of Object.keys(value as object)) fields.add(field);
    collectFields(value, fields);
  }
}
