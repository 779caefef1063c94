import { realpathSync } from 'node:fs';
import path from 'node:path';
import { compileScenario } from '../instrument/bundle.js';
import { harnessRoot, sourceName } from '../instrument/source-names.js';
import type { Counterexample } from '../results/schema.js';
import { isWithinFolder } from '../results/within-folder.js';
import { namedScenarioFile } from './named-scenario.js';

/** Only code has operations: reports do not need what else a bundle holds, such as JSON. */
const code = /\.[cm]?[jt]sx?$/;

/**
 * The files in which operations of a scenario can have their places, by the names that traces use for them: the code that its
 * bundle is made of, from the project, an installed package or the harness. Nothing is evaluated.
 *
 * @param scenario as a counterexample has it
 * @param counterexampleFile as messages name it
 * @throws UsageError if it is not one of the project's scenarios, or does not compile
 */
export async function scenarioSources(
  projectDirectory: string,
  scenario: Counterexample['scenario'],
  counterexampleFile: string,
): Promise<ReadonlyMap<string, string>> {
  const file = namedScenarioFile(projectDirectory, scenario, counterexampleFile);
  const { inputs } = await compileScenario({ file, projectDirectory, hasTests: scenario.test !== undefined });
  const project = realpathSync(projectDirectory);
  const shown = inputs.filter((input) => code.test(input) && isShown(input, project));
  return new Map(shown.map((input) => [sourceName(projectDirectory, input), input]));
}

function isShown(input: string, project: string): boolean {
  try {
    const real = realpathSync(input);
    return isWithinFolder(real, project) || isWithinFolder(real, path.resolve(harnessRoot)) || isInstalled(real);
  } catch {
    // What the bundler generated is not a file.
    return false;
  }
}

function isInstalled(file: string): boolean {
  return file.split(/[\\/]/).includes('node_modules');
}
