import fs, { mkdtempSync, readdirSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { HarnessError } from '../errors.js';
import { comparisonSample } from '../compare/testing/samples.js';
import { counterexampleSample, runRecordSample } from '../report/testing/samples.js';
import { saveCounterexample, writeComparison, writeRunRecord } from './folder.js';
import { StressJournal } from './stress-journal.js';
import { stressJournalHeadSchema } from './stress-schema.js';
import { journalHead } from './testing/journal.js';

let project: string;

beforeEach(() => {
  project = mkdtempSync(path.join(tmpdir(), 'threadmill-full-'));
  const refuse = (): never => {
    throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
  };
  vi.spyOn(fs, 'writeFileSync').mockImplementation(refuse);
  vi.spyOn(fs, 'appendFileSync').mockImplementation(refuse);
  syncBuiltinESMExports();
});

afterEach(() => {
  vi.restoreAllMocks();
  syncBuiltinESMExports();
});

describe('a full disk under results/', () => {
  it.each([
    ['a record', () => writeRunRecord(project, runRecordSample([]))],
    ['a counterexample', () => saveCounterexample(project, counterexampleSample())],
    ['a comparison', () => writeComparison(project, comparisonSample())],
    ['a journal', () => new StressJournal(project, stressJournalHeadSchema.parse(journalHead))],
  ])('is what an error says when %s cannot be written, and leaves no part of it', (_, write) => {
    expect(write).toThrow(HarnessError);
    expect(write).toThrow(/^Cannot write results\/.*: ENOSPC: .*\nFree some space, or run with --no-save\.$/);
    const left = readdirSync(project, { recursive: true, withFileTypes: true });
    expect(left.filter((entry) => entry.isFile())).toEqual([]);
  });
});
