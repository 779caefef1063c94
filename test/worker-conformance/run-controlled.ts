import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type * as runModule from '../../harness/campaign/run.js';
import type { ScenarioResult } from '../../harness/results/schema.js';
import { failureMessage } from '../../harness/report/text/failure-message.js';
import { packageDirectory } from '../end-to-end/command.js';
import { filesOf } from './main-module.js';
import { folderOf, type Theme, type WorkerCase } from './worker-case.js';
import { writeFiles } from './write-files.js';

/** Schedules under which a case is run. */
const schedules = 20;

/** What the controlled engine makes of a case. */
export interface ControlledResult {
  readonly verdict: string;
  /** Empty if it held. */
  readonly message: string;
}

const held: ControlledResult = { verdict: 'held', message: '' };

const { run } = (await import(
  pathToFileURL(path.join(packageDirectory, 'dist/harness/campaign/run.js')).href
)) as typeof runModule;

/**
 * Runs all cases under control. Starting a scenario costs far more than an execution, so all cases of a theme are one
 * scenario, whose parameter chooses among them. Only if that does not hold, each of its cases is a scenario of its own.
 *
 * @returns results by theme and title
 */
export async function runControlled(
  projectDirectory: string,
  themes: readonly Theme[],
): Promise<ReadonlyMap<string, ControlledResult>> {
  const results = new Map<string, ControlledResult>();
  for (const { name, cases } of themes) {
    for (const workerCase of cases) {
      writeFiles(path.join(projectDirectory, 'scenarios', name, folderOf(workerCase.title)), {
        'package.json': '{ "type": "module" }',
        ...filesOf(workerCase),
      });
    }
  }
  const alone: { readonly theme: string; readonly workerCase: WorkerCase }[] = [];
  const together = new Map<string, readonly WorkerCase[]>();
  for (const { name, cases } of themes) {
    const holding = cases.filter(({ crash }) => crash === undefined);
    if (holding.length > 0) together.set(name, holding);
    for (const workerCase of cases) if (workerCase.crash !== undefined) alone.push({ theme: name, workerCase });
  }
  const ofThemes = await runScenarios(
    projectDirectory,
    [...together].map(([theme, cases]) => ({ name: theme, theme, cases })),
    schedules * Math.max(...[...together.values()].map(({ length }) => length)),
  );
  for (const [theme, cases] of together) {
    const result = ofThemes.get(theme) ?? held;
    if (result.verdict === 'held') for (const { title } of cases) results.set(`${theme}: ${title}`, result);
    else for (const workerCase of cases) alone.push({ theme, workerCase });
  }
  const ofCases = await runScenarios(
    projectDirectory,
    alone.map(({ theme, workerCase }) => ({ name: `${theme}: ${workerCase.title}`, theme, cases: [workerCase] })),
    schedules,
  );
  for (const [name, result] of ofCases) results.set(name, result);
  return results;
}

interface CaseScenario {
  readonly name: string;
  readonly theme: string;
  readonly cases: readonly WorkerCase[];
}

/** Runs these scenarios with one command. What cannot be loaded has the verdict `not loaded`. */
async function runScenarios(
  projectDirectory: string,
  scenarios: readonly CaseScenario[],
  runs: number,
): Promise<Map<string, ControlledResult>> {
  const results = new Map<string, ControlledResult>();
  if (scenarios.length === 0) return results;
  const files = scenarios.map(({ name, theme, cases }) => {
    const file = `${cases.length === 1 ? folderOf(name) : 'theme'}.scenario.ts`;
    const folder = path.join(projectDirectory, 'scenarios', theme);
    writeFiles(folder, { [file]: scenarioText(name, cases) });
    return path.posix.join('scenarios', theme, file);
  });
  const notes: string[] = [];
  try {
    await run({ projectDirectory, files, seed: 1, runs, save: false }, (event) => {
      if (event.kind === 'note') notes.push(event.message);
      if (event.kind !== 'scenarioFinished') return;
      results.set(event.result.name, resultOf(event.result));
    });
  } catch (error) {
    notes.push(error instanceof Error ? error.message : String(error));
  }
  for (const { name } of scenarios) {
    if (!results.has(name)) results.set(name, { verdict: 'not loaded', message: notes.join('\n') });
  }
  return results;
}

function resultOf({ verdict, counterexample }: ScenarioResult): ControlledResult {
  if (counterexample === null) return { verdict, message: '' };
  const { expected, found, assertion } = counterexample.failure;
  const difference = assertion?.difference.map(({ side, text }) => `${marks[side]} ${text}`) ?? [];
  const values = difference.length > 0 || expected === undefined ? difference : [`- ${expected}`, `+ ${found ?? ''}`];
  return { verdict, message: [failureMessage(counterexample.failure), ...values].join('\n') };
}

/** How a line of a difference begins. */
const marks = { both: ' ', expected: '-', found: '+', omitted: '…' };

/** A scenario that runs one of these cases in each execution, and compares what it logs. */
const scenarioText = (name: string, cases: readonly WorkerCase[]): string => `
import assert from 'node:assert';
import fc from 'fast-check';
import { scenario } from 'threadmill';

const cases = {
${cases
  .map(
    ({ title, logs }) =>
      `  ${JSON.stringify(title)}: { load: () => import('./${folderOf(title)}/main.mjs'), logs: ${JSON.stringify(logs)} },`,
  )
  .join('\n')}
};
const logs: unknown[] = [];

export default scenario({
  name: ${JSON.stringify(name)},
  params: { title: fc.constantFrom(...Object.keys(cases)) },
  limits: { shrinkMs: 1_000 },
  async run({ params }) {
    const { run } = await cases[params.title].load();
    await run((value: unknown) => logs.push(...JSON.parse(JSON.stringify([value]))));
  },
  after({ params }) {
    assert.deepStrictEqual(logs, cases[params.title].logs);
  },
});
`;
