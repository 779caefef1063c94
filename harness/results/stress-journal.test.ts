import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { HarnessError } from '../errors.js';
import { StressJournal } from './stress-journal.js';
import { stressJournalHeadSchema } from './stress-schema.js';
import { journalHead } from './testing/journal.js';

const head = stressJournalHeadSchema.parse(journalHead);
const makeProject = (): string => mkdtempSync(path.join(tmpdir(), 'threadmill-journal-'));

describe('StressJournal', () => {
  it('takes a name of its own', () => {
    const project = makeProject();
    const files = [1, 2].map(() => new StressJournal(project, head).file);
    expect(files).toEqual([
      'results/stress/2026-01-01T00-00-00Z-1.jsonl',
      'results/stress/2026-01-01T00-00-00Z-1-2.jsonl',
    ]);
  });

  it('says what is in the way of its folder, and does not look for another name for ever', () => {
    const project = makeProject();
    mkdirSync(path.join(project, 'results'));
    writeFileSync(path.join(project, 'results/stress'), '');
    expect(() => new StressJournal(project, head)).toThrow(HarnessError);
    expect(() => new StressJournal(project, head)).toThrow(/^Cannot write results\/stress: .*\n.*--no-save/);
  });

  it('is not written outside of the project', () => {
    const project = makeProject();
    symlinkSync(makeProject(), path.join(project, 'results'));
    expect(() => new StressJournal(project, head)).toThrow(/results\/stress is a link to .*, outside the project/);
  });
});
