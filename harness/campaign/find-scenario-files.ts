import { isAbsolute, join, relative, resolve } from 'node:path';
import { existsSync, lstatSync, realpathSync, statSync } from 'node:fs';
import { glob } from 'tinyglobby';
import { scenarioFileGlob } from '../results/scenario-names.js';
import { UsageError } from '../errors.js';

/** Where scenario files are looked for when none is named. */
export const defaultPattern = 'scenarios/**/*.scenario.ts';

/**
 * Finds the scenario files that patterns name.
 *
 * @param patterns files, folders or globs, relative to the project; none: `defaultPattern`
 * @returns absolute paths, in a stable order; each file once, even if links lead to it by several names
 * @throws UsageError if a pattern matches nothing
 */
export async function findScenarioFiles(projectDirectory: string, patterns: readonly string[]): Promise<string[]> {
  const byRealPath = new Map<string, string>();
  const add = (file: string): void => {
    const real = realpathSync(file);
    if (!byRealPath.has(real)) byRealPath.set(real, file);
  };
  for (const pattern of patterns.length === 0 ? [defaultPattern] : patterns) {
    const asPath = resolve(projectDirectory, pattern);
    if (existsSync(asPath)) {
      if (!statSync(asPath).isDirectory()) {
        add(asPath);
        continue;
      }
    }
    const isDirectory = existsSync(asPath);
    const relativePattern = isAbsolute(pattern) ? relative(projectDirectory, pattern) : pattern;
    const found = await glob(isDirectory ? `**/${scenarioFileGlob}` : relativePattern.replaceAll('\\', '/'), {
      cwd: isDirectory ? asPath : projectDirectory,
      absolute: true,
      onlyFiles: true,
      ignore: ['**/node_modules/**'],
    });
    if (found.length === 0) {
      throw new UsageError(
        patterns.length === 0
          ? `no scenario files: nothing matches ${defaultPattern} in ${projectDirectory}; name files or globs, or create a scenario with "threadmill init"`
          : `no scenario file matches "${pattern}" in ${projectDirectory}${whyNothing(asPath)}`,
      );
    }
    for (const file of withoutDoubles(
      projectDirectory,
      found.map((each) => resolve(each)),
    ))
      add(file);
  }
  return [...byRealPath.values()];
}

/** A link to a folder that contains it shows the same files again, further down; their real paths identify them. */
function withoutDoubles(projectDirectory: string, files: readonly string[]): string[] {
  const project = realpathSync(projectDirectory);
  const chosen = new Map<string, string>();
  for (const file of [...files].sort()) {
    const real = realpathSync(file);
    const isPlain = join(project, relative(projectDirectory, file)) === real;
    if (isPlain || !chosen.has(real)) chosen.set(real, file);
  }
  return [...chosen.values()].sort();
}

/** What to add to the message about a path at which nothing was found. */
function whyNothing(path: string): string {
  const isLink = lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true;
  return isLink && !existsSync(path) ? '; it is a broken link' : '';
}
