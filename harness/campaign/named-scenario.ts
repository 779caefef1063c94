import { existsSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { otherThanFile } from '../results/read-regular-file.js';
import { scenarioNameProblem } from '../results/scenario-names.js';
import { realPathWithin } from '../results/within-folder.js';
import type { Counterexample } from '../results/schema.js';
import { UsageError } from '../errors.js';

/**
 * Why a counterexample's scenario file is not evaluated, as the rest of a sentence that begins with what names it; undefined
 * if it may be. A counterexample is data: it may name a scenario of the project, and nothing else.
 *
 * @param scenario as the counterexample has it: its file is relative to the project
 */
export function scenarioFileProblem(
  projectDirectory: string,
  { file: name, test }: Counterexample['scenario'],
): string | undefined {
  const problem = scenarioNameProblem(name, test !== undefined);
  if (problem !== undefined) return `${problem}.`;
  if (!existsSync(resolve(projectDirectory, name))) {
    return `names the scenario file ${name}, which is not in ${projectDirectory}. Use it in the project it was saved in.`;
  }
  const real = realPathWithin(projectDirectory, name);
  if (real === undefined) {
    return `names the scenario file ${name}, a link to a file outside the project. Replace the link with the file itself.`;
  }
  const other = otherThanFile(statSync(real));
  return other === undefined ? undefined : `names ${name} as its scenario file, but that is ${other}.`;
}

/**
 * The scenario file that a counterexample names, absolute.
 *
 * @param counterexampleFile as messages name it
 * @throws UsageError unless it is one of the project's own
 */
export function namedScenarioFile(
  projectDirectory: string,
  scenario: Counterexample['scenario'],
  counterexampleFile: string,
): string {
  const problem = scenarioFileProblem(projectDirectory, scenario);
  if (problem !== undefined) throw new UsageError(`${counterexampleFile} ${problem}`);
  return resolve(projectDirectory, scenario.file);
}
