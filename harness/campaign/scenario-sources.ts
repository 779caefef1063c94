import { realpathSync } from 'node:fs';
import path from 'node:path';
import { compileScenario } from '../instrument/bundle.js';
import { harnessRoot, sourceName } from '../instrument/source-names.js';
import { isWithinFolder } from '../results/within-folder.js';
import { namedScenarioFile } from './named-scenario.js';

/** Operations have places in code alone: what else a bundle holds, such as JSON, is none of a report's business. */
const code = /\.[cm]?[jt]sx?$/;

/**
 * The files that operations of a scenario can have their places in, by the names that traces have of them: code that its
 * bundle is made of, within the project, an installed package or the harness. Nothing is evaluated.
 *
 * @param name the scenario's file, as a counterexample has it
 * @param counterexampleFile as messages name it
 * @throws UsageError if it is none of the project's scenarios, or does not compile
 */
export async function scenarioSources(
  projectDirectory: string,
  name: string,
  counterexampleFile: string,
): Promise<ReadonlyMap<string, string>> {
  const file = namedScenarioFile(projectDirectory, name, counterexampleFile);
  const { inputs } = await compileScenario({ file, projectDirectory });
  const project = realpathSync(projectDirectory);
  const shown = inputs.filter((input) => code.test(input) && isShown(input, project));
  return new Map(shown.map((input) => [sourceName(projectDirectory, input), input]));
}

function isShown(input: string, project: string): boolean {
  try {
    const real = realpathSync(input);
    return isWithinFolder(real, project) || isWithinFolder(real, path.resolve(harnessRoot)) || isInstalled(real);
  } catch {
    // What the bundler made itself is no file.
    return false;
  }
}

function isInstalled(file: string): boolean {
  return file.split(/[\\/]/).includes('node_modules');
}
