import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { runRecordSchema, type RunRecord, type ScenarioResult } from '../../harness/results/schema.js';
import { makeUserProject, runCommand, type CommandResult } from './command.js';
import { counterScenario, lossyCount, soundCount } from './scenarios.js';

const shards = [1, 2, 3, 4];
const shardFile = (shard: number): string => `shard-${shard}.json`;

describe('a campaign that is divided among four shards', () => {
  const project = makeUserProject();
  const inProject = (file: string): string => path.join(project, file);
  const run = (...words: string[]): Promise<CommandResult> => runCommand(words, project);
  const readRecord = (file: string): RunRecord =>
    runRecordSchema.parse(JSON.parse(readFileSync(inProject(file), 'utf8')));
  const campaign = ['run', '--seed', '7', '--runs', '1000', '--repeat', '2', '--explorers', '1'];

  beforeAll(async () => {
    mkdirSync(inProject('scenarios'));
    writeFileSync(inProject('scenarios/a.scenario.ts'), counterScenario('sound', soundCount));
    writeFileSync(inProject('scenarios/b.scenario.ts'), counterScenario('lossy', lossyCount, 'violation'));
    await run(...campaign, '--json', 'whole.json');
    for (const shard of shards) await run(...campaign, '--shard', `${shard}/4`, '--json', shardFile(shard));
  }, 120_000);

  it('comes to the counts of the undivided one, and to its verdicts', async () => {
    const merged = await run('merge', ...shards.map(shardFile).reverse(), '--json', 'merged.json');
    expect(merged).toMatchObject({ exitCode: 0, stderr: '' });
    const whole = readRecord('whole.json');
    const together = readRecord('merged.json');
    const counts = ({ executions, schedulingPoints, switches }: ScenarioResult): unknown => ({
      executions,
      schedulingPoints,
      switches,
    });
    expect(counts(together.scenarios[0]!)).toEqual(counts(whole.scenarios[0]!));
    expect(together.scenarios[0]?.executions).toBe(2_000);
    const finding = ({ verdict, met, path: place, executionsToFind, counterexample }: ScenarioResult): unknown => ({
      verdict,
      met,
      place,
      executionsToFind,
      traceHash: counterexample?.traceHash,
    });
    expect(together.scenarios.map(finding)).toEqual(whole.scenarios.map(finding));
    expect(together).toMatchObject({ seed: whole.seed, options: whole.options, met: true, interrupted: false });
  });

  it('is merged without the shards that are missing or damaged, which are named', async () => {
    const text = readFileSync(inProject(shardFile(3)), 'utf8');
    writeFileSync(inProject('cut.json'), text.slice(0, text.length / 2));
    const { exitCode, stdout } = await run('merge', shardFile(1), shardFile(2), 'cut.json', 'gone.json');
    expect(exitCode).toBe(1);
    expect(stdout).toContain('cut.json is not valid JSON');
    expect(stdout).toContain('gone.json does not exist');
    for (const shard of [3, 4]) expect(stdout).toContain(`shard ${shard}/4 is not among the files`);
    expect(stdout).toContain('✓ sound  held, 1,024 executions');
  });

  it('is in the history once, by what it has drawn, however often it was run', async () => {
    const { exitCode, stdout } = await run('history', '--json');
    expect(exitCode).toBe(0);
    const { scenarios } = JSON.parse(stdout) as { scenarios: unknown[] };
    expect(scenarios).toMatchObject([
      { name: 'sound', runs: 5, executions: 4_000, lastFailure: null, bound: { executions: 2_000 } },
      { name: 'lossy', runs: 5, lastFailure: null, bound: null },
    ]);
    expect((await run('history')).stdout).toMatch(/^sound +5 +4,000 +4,000 +1 in 668 /m);
  });

  it('says so if nothing falls to a shard', async () => {
    const { stdout } = await run('run', 'scenarios/a.scenario.ts', '--runs', '100', '--shard', '2/2', '--no-save');
    expect(stdout).toContain('✓ sound  held, 0 executions');
    expect(stdout).toContain('this shard has nothing to run');
  });
});

describe('a run', () => {
  it('replays the corpus before it explores', async () => {
    const project = makeUserProject();
    mkdirSync(path.join(project, 'scenarios'));
    writeFileSync(path.join(project, 'scenarios/a.scenario.ts'), counterScenario('lossy', lossyCount));
    const first = await runCommand(['run', '--seed', '1', '--json', '1.json'], project);
    const second = await runCommand(['run', '--seed', '2', '--json', '2.json'], project);
    expect([first.exitCode, second.exitCode]).toEqual([1, 1]);
    const result = (file: string): ScenarioResult =>
      runRecordSchema.parse(JSON.parse(readFileSync(path.join(project, file), 'utf8'))).scenarios[0]!;
    expect(result('2.json')).toMatchObject({ executions: 0, executionsToFind: null, verdict: 'violation' });
    expect(result('2.json').counterexample?.traceHash).toBe(result('1.json').counterexample?.traceHash);
  });

  it('draws a fresh seed, and prints it first and last', async () => {
    const project = makeUserProject();
    mkdirSync(path.join(project, 'scenarios'));
    writeFileSync(path.join(project, 'scenarios/a.scenario.ts'), counterScenario('sound', soundCount));
    const seeds = new Set<string>();
    for (const reporter of ['default', 'github']) {
      const { stdout } = await runCommand(['run', '--runs', '1', '--reporter', reporter], project);
      const lines = stdout.trim().split('\n');
      const [, seed = ''] = /^threadmill {2}seed (-?\d+)/.exec(lines[0] ?? '') ?? [];
      expect(lines.at(-1)).toMatch(new RegExp(`^seed ${seed}\\b`));
      seeds.add(seed);
    }
    expect(seeds.size).toBe(2);
  });
});
