import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import type { RunRecord } from '../../harness/results/schema.js';
import { runCommand } from './command.js';
import { Experiment, scenarioText } from './experiment.js';

const lost = 'writers: { count: 2, run({ store }) { store[0]! += 1; } },';
const fields = `${lost} after({ store }) { check(store[0] === 2, 'lost'); },`;

it('one time for all scenarios bounds those that hold, and not those that are expected to fail', async () => {
  const experiment = new Experiment();
  const holding = 'writers: { count: 2, run({ store }) { Atomics.add(store, 0, 1); } },';
  experiment.write('scenarios/a.scenario.ts', scenarioText('a', { fields: holding }));
  experiment.write('scenarios/b.scenario.ts', scenarioText('b', { fields: `${fields} expect: 'crash',` }));
  const outcome = await runCommand(
    ['run', '--total-budget', '1ms', '--runs', '1000000000', '--seed', '1', '--json', 'record.json'],
    experiment.project,
  );
  expect(outcome.exitCode).toBe(0);
  const record = JSON.parse(readFileSync(path.join(experiment.project, 'record.json'), 'utf8')) as RunRecord;
  expect(record.options).toMatchObject({ runs: 1_000_000_000, totalBudgetMs: 1, budgetMs: null });
  expect(record.scenarios.map(({ verdict, met }) => [verdict, met])).toEqual([
    ['held', true],
    ['crash', true],
  ]);
});

it.each([
  ['--budget', '1s'],
  ['--repeat', '2'],
  ['--engine', 'stress'],
])('cannot go with %s', async (...others) => {
  const { exitCode, stderr } = await runCommand(['run', '--total-budget', '1s', ...others], new Experiment().project);
  expect([exitCode, stderr]).toEqual([2, expect.stringContaining('--total-budget: cannot be combined with')]);
});

it('a failure that is expected, and that the corpus shows, is not saved again under another seed', async () => {
  const experiment = new Experiment();
  const corpus = (): string[] => readdirSync(path.join(experiment.project, 'results/corpus')).sort();
  // Each seed draws another number, so that each counterexample is another.
  const params = 'params: { number: fc.noShrink(fc.nat()) },';
  const given = { before: "import fc from 'fast-check';", fields: `${fields} ${params} expect: 'crash',` };
  await experiment.run(given, { save: true });
  const first = corpus();
  expect(first).toHaveLength(1);
  for (const seed of [2, 3]) {
    const result = await experiment.runFile('scenarios/experiment-1.scenario.ts', { save: true, seed });
    expect(result).toMatchObject({ verdict: 'crash', met: true });
    expect(result.executions).toBeGreaterThan(0);
  }
  expect(corpus()).toEqual(first);
});
