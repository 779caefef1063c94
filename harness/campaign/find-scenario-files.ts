import { isAbsolute, relative, resolve } from 'node:path';
import { existsSync, statSync } from 'node:fs';
import { glob } from 'tinyglobby';
import { scenarioFileGlob } from '../results/scenario-names.js';
import { UsageError } from './api.js';

/** Where scenario files are looked for when none is named. */
export const defaultPattern = 'scenarios/**/*.scenario.ts';

/**
 * Finds the scenario files that patterns name.
 *
 * @param patterns files, folders or globs, relative to the project; none: `defaultPattern`
 * @returns absolute paths, in a stable order
 * @throws UsageError if a pattern matches nothing
 */
export async function findScenarioFiles(projectDirectory: string, patterns: readonly string[]): Promise<string[]> {
  const files = new Set<string>();
  for (const pattern of patterns.length === 0 ? [defaultPattern] : patterns) {
    const asPath = resolve(projectDirectory, pattern);
    if (existsSync(asPath)) {
      if (!statSync(asPath).isDirectory()) {
        files.add(asPath);
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
          ? `no scenario files: nothing matches ${defaultPattern} in ${projectDirectory}; name files or globs, or make a first scenario with "threadmill init"`
          : `no scenario file matches "${pattern}" in ${projectDirectory}`,
      );
    }
    for (const file of found.sort()) files.add(resolve(file));
  }
  return [...files];
}
