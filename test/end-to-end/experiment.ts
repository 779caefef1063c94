import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type * as replayModule from '../../harness/campaign/replay.js';
import type * as runModule from '../../harness/campaign/run.js';
import type { RunOptions } from '../../harness/campaign/api.js';
import { counterexampleSchema, type Counterexample, type ScenarioResult } from '../../harness/results/schema.js';
import { makeUserProject, packageDirectory } from './command.js';
import { maximumAgents } from '../../harness/kernel/layout.js';
import { agentName } from '../../harness/results/agent-name.js';
import { failureMessage } from '../../harness/report/text/failure-message.js';

/** Imports the built module, because explorers are separate processes and run the build. */
export async function importBuilt<Module>(file: string): Promise<Module> {
  return (await import(pathToFileURL(path.join(packageDirectory, 'dist/harness', file)).href)) as Module;
}

const { run } = await importBuilt<typeof runModule>('campaign/run.js');
const { replay } = await importBuilt<typeof replayModule>('campaign/replay.js');

export { replay };

/** A writer that does nothing. */
export const idleWriter = `writers: { count: 1, run() {} },`;

/** A project with one scenario, to see how the engine judges it. */
export class Experiment {
  readonly project = makeUserProject();
  #number = 0;

  /** Writes any file into the project. */
  write(file: string, text: string): void {
    const absolute = path.join(this.project, file);
    mkdirSync(path.dirname(absolute), { recursive: true });
    writeFileSync(absolute, text);
  }

  /** Runs a scenario with these fields and this code before them. Saves nothing by default. */
  async run(
    text: { readonly before?: string; readonly fields: string },
    options: Partial<RunOptions> = {},
  ): Promise<ScenarioResult> {
    const file = `scenarios/experiment-${++this.#number}.scenario.ts`;
    this.write(file, scenarioText('experiment', text));
    return this.runFile(file, options);
  }

  /** Runs an existing file. */
  async runFile(file: string, options: Partial<RunOptions> = {}): Promise<ScenarioResult> {
    const record = await run(
      { projectDirectory: this.project, files: [file], seed: 1, runs: 60, explorers: 1, save: false, ...options },
      () => undefined,
    );
    const [result] = record.scenarios;
    if (result === undefined) throw new Error('the run has no result');
    return result;
  }

  /** The counterexample that a run saved. */
  saved(result: ScenarioResult): Counterexample {
    const file = result.counterexample?.file;
    if (file === undefined || file === null) throw new Error(`nothing was saved: ${JSON.stringify(result)}`);
    return counterexampleSchema.parse(JSON.parse(readFileSync(path.join(this.project, file), 'utf8')));
  }
}

/** The text of a scenario file. `fields` follow the name; the store is one shared Int32Array unless they say otherwise. */
export function scenarioText(name: string, text: { readonly before?: string; readonly fields: string }): string {
  return `import { invariant, scenario } from 'threadmill';
${text.before ?? ''}
void invariant;
function check(condition: boolean, message: string): void {
  if (!condition) throw new Error(message);
}
void check;
export default scenario({
  name: '${name}',
  store: () => new Int32Array(new SharedArrayBuffer(16)),
  ${text.fields}
});
`;
}

/** The relevant part of a result, so that a single failing comparison shows all of it. */
export function summary(result: ScenarioResult): { readonly verdict: string; readonly message: string } {
  const { verdict, counterexample } = result;
  if (counterexample === null) return { verdict, message: '' };
  const { failure, writers } = counterexample;
  const names = Array.from({ length: maximumAgents }, (_, agent) => agentName(agent, writers));
  return { verdict, message: failureMessage(failure, names) };
}
