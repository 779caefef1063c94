import { mkdirSync, mkdtempSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { heldResultSample, runRecordSample, scenarioResultSample } from '../report/testing/samples.js';
import { readKeptRuns, readRunRecord } from './read-runs.js';
import { runSchemaVersion, type RunRecord } from './schema.js';
import { resultsLimits, writeRunRecord } from './folder.js';
import { journalHead } from './testing/journal.js';

let project: string;
const inProject = (file: string): string => path.join(project, file);

beforeEach(() => {
  project = mkdtempSync(path.join(tmpdir(), 'threadmill-runs-'));
});

describe('readRunRecord', () => {
  const record = runRecordSample([heldResultSample()]);

  it('reads what was written', () => {
    expect(readRunRecord(inProject(writeRunRecord(project, record)))).toEqual(record);
  });

  it.each([
    ['cut short', JSON.stringify(record).slice(0, 99), /^is not valid JSON; it may have been cut short\. Do this\.$/],
    ['something else', '[]', /^is not a record of a Threadmill run/],
    ['older', JSON.stringify({ ...record, version: 1 }), /^has version 1, but .* reads version 4\. Do this\.$/],
    [
      'newer',
      JSON.stringify({ ...record, version: runSchemaVersion + 1 }),
      /^has version 5, but .* Update threadmill\.$/,
    ],
    ['damaged', JSON.stringify({ ...record, seed: 'x' }), /^is damaged at seed: .* Do this\.$/],
    [
      'of less than nothing',
      JSON.stringify({ ...record, scenarios: [{ ...heldResultSample(), executions: -4 }] }),
      /^is damaged at scenarios\.0\.executions: /,
    ],
    [
      'of too many shards',
      JSON.stringify({ ...record, options: { ...record.options, shard: '1/100000000' } }),
      /n at most 10,000/,
    ],
    [
      'nested too deep',
      JSON.stringify(record).replace('"files":[]', `"files":${'['.repeat(2_000)}${']'.repeat(2_000)}`),
      /^has lists or objects nested more than 1,000 levels deep\. Do this\.$/,
    ],
    ['of no shard', JSON.stringify({ ...record, options: { ...record.options, shard: '9/4' } }), /found "9\/4"/],
  ])('says what is wrong with one that is %s', (_, text, problem) => {
    writeFileSync(inProject('a.json'), text);
    expect(readRunRecord(inProject('a.json'), 'Do this.')).toMatch(problem);
  });

  it('does not read what is too large to be one', () => {
    writeFileSync(inProject('a.json'), '');
    truncateSync(inProject('a.json'), resultsLimits.runRecordBytes + 1);
    expect(readRunRecord(inProject('a.json'))).toMatch(/^is larger than 67108864 bytes/);
  });
});

describe('a record of version 2', () => {
  const read = (changes: Partial<RunRecord>): RunRecord | string => {
    const record = runRecordSample([scenarioResultSample(), heldResultSample()], changes);
    writeFileSync(inProject('a.json'), JSON.stringify({ ...record, version: 2 }));
    return readRunRecord(inProject('a.json'));
  };

  it('of a run that came to its end is read as it is', () => {
    expect(read({})).toEqual(runRecordSample([scenarioResultSample(), heldResultSample()]));
  });

  it('is read as version 3 is, which had a message in every failure', () => {
    const record = runRecordSample([scenarioResultSample()]);
    writeFileSync(inProject('a.json'), JSON.stringify({ ...record, version: 3 }));
    expect(readRunRecord(inProject('a.json'))).toEqual(record);
  });

  it('of a run that was interrupted is not believed that its last scenario held', () => {
    expect(read({ interrupted: true })).toMatchObject({
      version: runSchemaVersion,
      scenarios: [scenarioResultSample(), { verdict: 'interrupted', met: false, executions: 2_000 }],
    });
  });
});

describe('readKeptRuns', () => {
  it('gives nothing where there is nothing', () => {
    expect(readKeptRuns(project)).toEqual({ runs: [], journals: [], problems: [] });
  });

  it('survives what is no folder', () => {
    mkdirSync(inProject('results'));
    writeFileSync(inProject('results/runs'), '');
    expect(readKeptRuns(project).problems).toEqual([expect.stringContaining('results/runs cannot be read (ENOTDIR)')]);
  });

  it('reads the last of very many, and says so', () => {
    mkdirSync(inProject('results/runs'), { recursive: true });
    const file = writeRunRecord(project, runRecordSample([]));
    for (let number = 0; number < resultsLimits.historyFiles; number++) {
      writeFileSync(inProject(`results/runs/1-${number}.json`), '');
    }
    const { runs, problems } = readKeptRuns(project);
    expect(runs.map((run) => run.file)).toEqual([file]);
    expect(problems[0]).toBe(
      'results/runs holds 5001 files; only the last 5000 are read. Delete those you no longer need.',
    );
    expect(problems).toHaveLength(resultsLimits.historyFiles);
  });

  it('names the line in which a journal is damaged', () => {
    mkdirSync(inProject('results/stress'), { recursive: true });
    writeFileSync(inProject('results/stress/a.jsonl'), `${JSON.stringify(journalHead)}\n{}\n`);
    expect(readKeptRuns(project)).toMatchObject({
      journals: [],
      problems: [expect.stringMatching(/^results\/stress\/a\.jsonl is damaged on line 2 at scenario: /)],
    });
  });
});
