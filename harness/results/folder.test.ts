import { chmodSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { HarnessError } from '../errors.js';
import { counterexampleSample, heldResultSample, operationSample, runRecordSample } from '../report/testing/samples.js';
import { maximumShards } from './merge.js';
import { counterexampleSchema, runRecordSchema, runSchemaVersion, schemaVersion } from './schema.js';
import { counterexampleFileName, resultsLimits, saveCounterexample, writeRunRecord } from './folder.js';
import { readCounterexample } from './read-counterexample.js';
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

  it('says if there is one already, and leaves it as it is', () => {
    const { file } = saveCounterexample(project, counterexampleSample());
    writeFileSync(inProject(file), '<<<<<<< ours');
    expect(saveCounterexample(project, counterexampleSample())).toEqual({ file, isNew: false });
    expect(readFileSync(inProject(file), 'utf8')).toBe('<<<<<<< ours');
  });

  it('leaves no temporary file behind', () => {
    const { file } = saveCounterexample(project, counterexampleSample());
    saveCounterexample(project, counterexampleSample());
    expect(readdirSync(inProject('results/corpus'))).toEqual([path.basename(file)]);
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
