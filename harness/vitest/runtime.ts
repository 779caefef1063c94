import path from 'node:path';
import type { Run } from '../campaign/api.js';
import { defaultName } from '../scenario/default-name.js';
import type { Counterexample, ScenarioResult } from '../results/schema.js';
import { renderUnmet } from '../report/text/failure.js';
import { textOutput } from '../report/text/output.js';
import { plainLine } from '../report/text/printable.js';
import { oneLine, printableLines } from '../report/text/columns.js';
import type { ScenarioTestOptions } from './options.js';

/** Which scenario a test runs, and how. */
export interface ScenarioTest {
  /** Absolute. */
  readonly file: string;
  readonly projectDirectory: string;
  readonly options: ScenarioTestOptions;
}

/** The scenario's name, or the name of its file if it could not be loaded. */
export function scenarioTestName(loaded: unknown, { file, projectDirectory }: ScenarioTest): string {
  const definition = property(loaded, 'default');
  const name = property(definition, 'name');
  const relative = path.relative(projectDirectory, file).replaceAll(path.sep, '/');
  if (definition !== undefined && name === undefined) return plainLine(defaultName(relative));
  const given = typeof name === 'string' ? oneLine(name) : '';
  return plainLine(given === '' ? relative : given);
}

/** Runs a scenario's campaign; fails with the report if it does not meet its expectation. */
export async function runScenarioTest(test: ScenarioTest, signal: AbortSignal, load = loadRun): Promise<void> {
  const problem = await findProblem(test, signal, await load());
  if (problem !== undefined) throw new ScenarioFailure(problem);
}

/** Runs a campaign and returns the report of a scenario that did not meet its expectation. */
export async function findProblem(test: ScenarioTest, signal: AbortSignal, run: Run): Promise<string | undefined> {
  const { file, projectDirectory, options } = test;
  const { seed, runs, budgetMs, strategy, repeat, save, explorers = 1 } = options;
  const unmet: { result: ScenarioResult; counterexample: Counterexample | null }[] = [];
  const files = [path.relative(projectDirectory, file).replaceAll(path.sep, '/')];
  try {
    const record = await run(
      { projectDirectory, files, seed, runs, budgetMs, strategy, repeat, save, explorers, signal },
      (event) => {
        if (event.kind === 'scenarioFinished' && !event.result.met) unmet.push(event);
      },
    );
    if (record.interrupted) return 'The run was interrupted before the scenario could be judged.';
    if (record.met) return undefined;
    const look = { ...textOutput(), runArguments: strategy === undefined ? [] : ['--strategy', strategy] };
    const reports = unmet.flatMap(({ result, counterexample }) => [...renderUnmet(result, counterexample, look), '']);
    return plainText([...reports.slice(0, -1), `seed ${record.seed}`]);
  } catch (error) {
    return plainText(printableLines(error instanceof Error ? error.message : String(error)));
  }
}

/** Text that vitest prints unchanged, made safe for logs in which a line may be a command. */
function plainText(lines: readonly string[]): string {
  return lines.map(plainLine).join('\n');
}

/** An error without a stack, which would only show the harness. */
class ScenarioFailure extends Error {
  override readonly name = 'ScenarioFailure';

  constructor(report: string) {
    super(report);
    this.stack = '';
  }
}

async function loadRun(): Promise<Run> {
  return (await import('../campaign/run.js')).run;
}

function property(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}
