import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type * as runModule from '../../harness/campaign/run.js';
import type { Counterexample } from '../../harness/results/schema.js';
import { failureMessage } from '../../harness/report/text/failure-message.js';
import { packageDirectory } from '../end-to-end/command.js';
import { knownDifferences } from './known-differences.js';
import { filesOf } from './main-module.js';
import { folderOf, type Theme, type WorkerCase } from './worker-case.js';
import { writeFiles } from './write-files.js';

/** Schedules under which a case is run. */
const schedules = 10;

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
 * Runs the cases of a theme under control. Starting a scenario costs far more than an execution, so all cases are one scenario,
 * whose parameter chooses among them. Only if that does not hold, each case is a scenario of its own. So is a case that crashes.
 *
 * @returns results by title
 */
export async function runControlled(
  projectDirectory: string,
  { name: theme, cases }: Theme,
): Promise<ReadonlyMap<string, ControlledResult>> {
  for (const workerCase of cases) {
    writeFiles(path.join(projectDirectory, 'scenarios', theme, folderOf(workerCase.title)), {
      'package.json': '{ "type": "module" }',
      ...filesOf(workerCase),
    });
  }
  const isHeld = ({ title, crash, controlled }: WorkerCase): boolean =>
    crash === undefined && controlled === undefined && !knownDifferences.has(title);
  const crashing = cases.filter((one) => !isHeld(one));
  const holding = cases.filter(isHeld);
  const together = await runScenarios(
    projectDirectory,
    theme,
    holding.length === 0 ? [] : [{ name: theme, cases: holding }],
    schedules * holding.length,
  );
  const ofAll = together.get(theme) ?? held;
  const alone = ofAll.verdict === 'held' ? crashing : cases;
  const results = await runScenarios(
    projectDirectory,
    theme,
    alone.map((workerCase) => ({ name: workerCase.title, cases: [workerCase] })),
    schedules,
  );
  // Cases that hold one by one and not together leave something behind that the next execution meets.
  if (holding.every(({ title }) => (results.get(title) ?? held).verdict === 'held'))
    for (const { title } of holding) results.set(title, ofAll);
  return results;
}

interface CaseScenario {
  readonly name: string;
  readonly cases: readonly WorkerCase[];
}

/** Runs these scenarios with one command. What cannot be loaded has the verdict `not loaded`. */
async function runScenarios(
  projectDirectory: string,
  theme: string,
  scenarios: readonly CaseScenario[],
  runs: number,
): Promise<Map<string, ControlledResult>> {
  const results = new Map<string, ControlledResult>();
  if (scenarios.length === 0) return results;
  const files = scenarios.map(({ name, cases }) => {
    const file = `scenarios/${theme}/${folderOf(name)}.scenario.ts`;
    writeFiles(projectDirectory, { [file]: scenarioText(name, cases) });
    return file;
  });
  const notes: string[] = [];
  try {
    await run({ projectDirectory, files, seed: 1, runs, save: false }, (event) => {
      if (event.kind === 'note') notes.push(event.message);
      if (event.kind !== 'scenarioFinished') return;
      results.set(event.result.name, resultOf(event.result.verdict, event.counterexample));
    });
  } catch (error) {
    notes.push(error instanceof Error ? error.message : String(error));
  }
  for (const { name } of scenarios) {
    if (!results.has(name)) results.set(name, { verdict: 'not loaded', message: notes.join('\n') });
  }
  return results;
}

function resultOf(verdict: string, counterexample: Counterexample | null): ControlledResult {
  if (counterexample === null) return { verdict, message: '' };
  const { expected, found, assertion } = counterexample.failure;
  const difference = assertion?.difference.map(({ side, text }) => `${marks[side]} ${text}`) ?? [];
  const values = difference.length > 0 || expected === undefined ? difference : [`- ${expected}`, `+ ${found ?? ''}`];
  return { verdict, message: [failureMessage(counterexample.failure, counterexample.agents), ...values].join('\n') };
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
