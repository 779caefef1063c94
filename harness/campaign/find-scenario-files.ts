import { isAbsolute, join, relative, resolve } from 'node:path';
import { existsSync, lstatSync, realpathSync, statSync } from 'node:fs';
import { glob } from 'tinyglobby';
import { scenarioFileGlob, testFileGlob } from '../results/scenario-names.js';
import { UsageError } from '../errors.js';

/** Where scenario files are looked for when none is named. */
export const defaultPattern = 'scenarios/**/*.scenario.ts';
/** Where files of tests are looked for, as vitest does. */
export const defaultTestPattern = `**/${testFileGlob}`;

/** A kind of files that a run is made of. */
interface FileKind {
  readonly name: string;
  /** What they are called in a folder. */
  readonly glob: string;
  readonly defaultPattern: string;
  /** What to do if the project has none. */
  readonly remedy: string;
  readonly ignored: readonly string[];
}

const scenarioFiles: FileKind = {
  name: 'scenario',
  glob: scenarioFileGlob,
  defaultPattern,
  remedy: 'name files or globs, or create a scenario with "threadmill init"',
  ignored: ['**/node_modules/**'],
};

const testFiles: FileKind = {
  name: 'test',
  glob: testFileGlob,
  defaultPattern: defaultTestPattern,
  remedy: 'name files or globs',
  ignored: ['**/node_modules/**', '**/dist/**'],
};

/**
 * Finds the scenario files that patterns name.
 *
 * @param patterns files, folders or globs, relative to the project; none: `defaultPattern`
 * @returns absolute paths, in a stable order; each file once, even if links lead to it by several names
 * @throws UsageError if a pattern matches nothing
 */
export function findScenarioFiles(projectDirectory: string, patterns: readonly string[]): Promise<string[]> {
  return findFiles(scenarioFiles, projectDirectory, patterns);
}

/**
 * Finds the files of tests that patterns name. None are in `node_modules` or `dist`, unless a pattern is the path of one.
 *
 * @param patterns files, folders or globs, relative to the project; none: `defaultTestPattern`
 * @returns absolute paths, in a stable order; each file once
 * @throws UsageError if a pattern matches nothing
 */
export function findTestFiles(projectDirectory: string, patterns: readonly string[]): Promise<string[]> {
  return findFiles(testFiles, projectDirectory, patterns);
}

async function findFiles(kind: FileKind, projectDirectory: string, patterns: readonly string[]): Promise<string[]> {
  const byRealPath = new Map<string, string>();
  const add = (file: string): void => {
    const real = realpathSync(file);
    if (!byRealPath.has(real)) byRealPath.set(real, file);
  };
  for (const pattern of patterns.length === 0 ? [kind.defaultPattern] : patterns) {
    const asPath = resolve(projectDirectory, pattern);
    if (existsSync(asPath)) {
      if (!statSync(asPath).isDirectory()) {
        add(asPath);
        continue;
      }
    }
    const isDirectory = existsSync(asPath);
    const relativePattern = isAbsolute(pattern) ? relative(projectDirectory, pattern) : pattern;
    const found = await glob(isDirectory ? `**/${kind.glob}` : relativePattern.replaceAll('\\', '/'), {
      cwd: isDirectory ? asPath : projectDirectory,
      absolute: true,
      onlyFiles: true,
      ignore: kind.ignored,
    });
    if (found.length === 0) {
      throw new UsageError(
        patterns.length === 0
          ? `no ${kind.name} files: nothing matches ${kind.defaultPattern} in ${projectDirectory}; ${kind.remedy}`
          : `no ${kind.name} file matches "${pattern}" in ${projectDirectory}${whyNothing(asPath)}`,
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
