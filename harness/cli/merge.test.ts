import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  counterexampleSample,
  heldResultSample,
  runRecordSample,
  scenarioResultSample,
} from '../report/testing/samples.js';
import { runRecordSchema, type RunRecord, type ScenarioResult } from '../results/schema.js';
import { saveCounterexample, writeRunRecord } from '../results/folder.js';
import { runCommand, temporaryFolder, type CommandResult } from './testing/command.js';
import { journalHead } from '../results/testing/journal.js';

let projectDirectory: string;

beforeEach(() => {
  projectDirectory = temporaryFolder();
});

const inProject = (file: string): string => path.join(projectDirectory, file);
const readText = (file: string): string => readFileSync(inProject(file), 'utf8');
const run = (...words: string[]): Promise<CommandResult> => runCommand(words, {}, { projectDirectory });

function writeShard(index: number, results: readonly ScenarioResult[], changes: Partial<RunRecord> = {}): void {
  const record = runRecordSample(results, changes);
  const shard = { ...record, options: { ...record.options, shard: `${index}/2` } };
  writeFileSync(inProject(`shard-${index}.json`), JSON.stringify(shard));
}

describe('threadmill merge', () => {
  it('merges what shards wrote, and reports it as a run is reported', async () => {
    writeShard(1, [heldResultSample({ executions: 1_024 })]);
    writeShard(2, [heldResultSample({ executions: 976 })]);
    const flags = '--json merged.json --reporter default --reporter junit --output junit.xml --summary summary.md';
    const { exitCode, stdout, stderr } = await run('merge', 'shard-*.json', ...flags.split(' '));
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).toMatch(/^threadmill merge {2}seed 42 {2}2 records, 1 scenario\n/);
    expect(stdout).toContain('held, 2,000 executions');
    expect(runRecordSchema.parse(JSON.parse(readText('merged.json')))).toMatchObject({
      met: true,
      options: { shard: null },
    });
    expect(readText('junit.xml')).toContain('tests="1" failures="0"');
    expect(readText('summary.md')).toContain('## ✓ threadmill: 1 scenario met its expectation');
  });

  it('names files that are missing or damaged, and shards of which there is none, merges the rest, and exits with 1', async () => {
    writeShard(1, [heldResultSample()]);
    writeFileSync(inProject('shard-2.json'), readText('shard-1.json').slice(0, 200));
    writeFileSync(inProject('old.json'), '{"schema":"threadmill/run","version":1}');
    const { exitCode, stdout } = await run(
      'merge',
      'shard-1.json',
      'shard-2.json',
      'shard-3.json',
      'old.json',
      'none/*',
    );
    expect(exitCode).toBe(1);
    expect(stdout).toContain('note shard-2.json is not valid JSON; it may have been cut short. Run the shard again.');
    expect(stdout).toContain('note shard-3.json does not exist.');
    expect(stdout).toMatch(/note old\.json has version 1, but this threadmill reads version 4\. Run the shard again\./);
    expect(stdout).toContain('note none/* matches no file.');
    expect(stdout).toContain('note shard 2/2 is not among the files');
    expect(stdout).toContain('✓ counter: Atomics.add  held, 2,000 executions');
    expect(stdout).toContain('incomplete run; see the notes');
  });

  it('exits with 2 if nothing can be read, or what is read does not belong together', async () => {
    const nothing = await run('merge', 'none.json');
    expect(nothing).toMatchObject({ exitCode: 2, stdout: '' });
    expect(nothing.stderr).toMatch(/None of the files can be merged\.\nnone\.json does not exist/);
    writeShard(1, []);
    writeShard(2, [], { seed: 43 });
    const { exitCode, stderr } = await run('merge', 'shard-1.json', 'shard-2.json');
    expect(exitCode).toBe(2);
    expect(stderr).toContain('shard-1.json and shard-2.json are not parts of one campaign: seed is 42');
  });

  it('shows the interleaving of a failure where the shard’s counterexample is found, and its message everywhere', async () => {
    const { file, counterexample } = scenarioResultSample();
    const kept = saveCounterexample(projectDirectory, counterexampleSample()).file;
    const failed = scenarioResultSample({ counterexample: { ...counterexample!, file: kept } });
    writeShard(1, [failed]);
    writeShard(2, [heldResultSample({ name: failed.name, file })]);
    const { exitCode, stdout } = await run('merge', 'shard-1.json', 'shard-2.json', '--reporter', 'github');
    expect(exitCode).toBe(1);
    expect(stdout).toContain('load-then-store.scenario.ts,line=22,col=20');
    expect((await run('merge', 'shard-1.json', 'shard-2.json')).stdout).toContain('── preempted: writer 0');

    writeShard(1, [scenarioResultSample()]);
    const without = await run('merge', 'shard-1.json', 'shard-2.json');
    expect(without.stdout).toContain('violation (count): An acknowledged increment was lost.');
    expect(without.stdout).toContain('--seed 42 --path 3:0:1');
    expect(without.stdout).not.toContain('── preempted');

    writeShard(1, [scenarioResultSample({ executionsToFind: null })]);
    const ofCorpus = await run('merge', 'shard-1.json', 'shard-2.json');
    expect(ofCorpus.stdout).toContain('An acknowledged increment was lost.');
    expect(ofCorpus.stdout).toContain('npx threadmill replay results/corpus/');
    expect(ofCorpus.stdout).not.toContain('--path');
  });
});

describe('threadmill history', () => {
  it('says that there is nothing yet', async () => {
    expect(await run('history')).toEqual({
      exitCode: 0,
      stdout: 'There are no records in results/runs/ yet. threadmill run writes one.\n',
      stderr: '',
    });
    expect(await run('history', '--scenario', 'x')).toMatchObject({ exitCode: 2, stdout: '' });
  });

  it('shows each scenario, and names what it cannot read', async () => {
    const days = ['2026-01-01', '2026-01-02', '2026-01-03'];
    const results = [scenarioResultSample(), heldResultSample(), heldResultSample({ executionsPerSecond: 30_000 })];
    for (const [place, day] of days.entries()) {
      const changes = { startedAt: `${day}T00:00:00.000Z`, seed: place };
      writeRunRecord(projectDirectory, runRecordSample([results[place]!], changes));
    }
    writeFileSync(inProject('results/runs/a.json'), '{"schema":"threadmill/run","version":1}');
    writeFileSync(inProject('results/runs/b.json'), '{');
    mkdirSync(inProject('results/stress'));
    writeFileSync(inProject('results/stress/c.jsonl'), '{}\n');
    const { exitCode, stdout } = await run('history');
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(
      /^scenario +runs +executions +since failure +fails at most +interleavings +a second +last failed$/m,
    );
    expect(stdout).toMatch(/^counter: Atomics\.add +2 +4,000 +4,000 +1 in 1,335 +30,000 ▁█ +never$/m);
    expect(stdout).toMatch(/^counter: load then store +1 +120 +0 +24,000 +2026-01-01 violation \(count\), seed 0$/m);
    expect(stdout).toContain('3 files left out:');
    expect(stdout).toMatch(/a\.json has version 1, but this threadmill reads version 4/);
    expect(stdout).toContain('results/runs/b.json is not valid JSON');
    expect(stdout).toContain('results/stress/c.jsonl is not a journal');

    const one = await run('history', '--scenario', 'LOAD');
    expect(one.stdout).toContain('last failed  2026-01-01T00:00:00.000Z: violation (count), --seed 0 --path 3:0:1');
    const json = JSON.parse((await run('history', '--json')).stdout) as { records: number; skipped: string[] };
    expect(json).toMatchObject({ records: 3, scenarios: [{ executions: 4_000 }, { executions: 120 }] });
    expect(json.skipped).toHaveLength(3);
    expect((await run('history', '--scenario', 'none')).stderr).toContain('The records have:\n  counter: Atomics.add');
  });

  it('reads what a stress run had finished when it was killed', async () => {
    const repetition = {
      repetition: 1,
      seed: 9,
      executions: 3,
      writers: 8,
      readers: 100,
      durationMs: 1_000,
      runningMs: 900,
      operations: 10,
      acknowledgements: 10,
      verdict: 'held',
      failure: null,
      failedExecution: null,
      outcomes: [],
      watching: null,
    };
    const line = JSON.stringify({ scenario: { name: 'queue', file: 'scenarios/queue.scenario.ts' }, repetition });
    mkdirSync(inProject('results/stress'), { recursive: true });
    writeFileSync(inProject('results/stress/a.jsonl'), `${JSON.stringify(journalHead)}\n${line}\n${line.slice(0, 50)}`);
    const { stdout } = await run('history');
    expect(stdout).toMatch(/^queue \(stress\) +1 +3 +3 .* never$/m);
    expect(stdout).not.toContain('left out');
  });
});
