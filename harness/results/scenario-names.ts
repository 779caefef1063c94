import path from 'node:path';

/** Endings of scenario files, as a glob. */
export const scenarioFileGlob = '*.scenario.{ts,mts,js,mjs}';
const scenarioFileEnding = /[^/\\]\.scenario\.(?:ts|mts|js|mjs)$/;
/** Endings of files of tests, as a glob: those of vitest. */
export const testFileGlob = '*.{test,spec}.{ts,mts,cts,tsx,js,mjs,cjs,jsx}';
/** Those, and what `node --test` takes for tests. */
const testFile =
  /(?:[._-](?:test|spec)\.[cm]?[jt]sx?|(?:^|[/\\])test(?:-[^/\\]*)?\.[cm]?[jt]sx?|(?:^|[/\\])(?:tests?|__tests__)[/\\].*\.[cm]?[jt]sx?)$/;
/** The most characters of a name that a message quotes. */
const quotedLength = 200;

/**
 * Why a name that was read from a file cannot be that of a scenario in a project, as the rest of a sentence; undefined if
 * it can. Only the name is checked.
 *
 * @param name relative to the project's folder
 * @param isOfTests whether it names a file of tests
 */
export function scenarioNameProblem(name: string, isOfTests = false): string | undefined {
  const quoted = JSON.stringify(name.length > quotedLength ? `${name.slice(0, quotedLength)}…` : name);
  const parts = name.split(/[\\/]/);
  // The root of a Windows path may be a drive alone, as in `C:a`.
  const hasRoot = path.posix.isAbsolute(name) || path.win32.parse(name).root !== '';
  if (hasRoot || parts.includes('..') || name.includes('\0')) {
    return `names a scenario outside of the project, ${quoted}; expected a path within it`;
  }
  if (parts.includes('node_modules')) {
    return `names a scenario in node_modules, ${quoted}; expected one of the project's own`;
  }
  if (isOfTests) {
    if (testFile.test(name)) return undefined;
    return `names ${quoted} as its file of tests; expected one called ${testFileGlob}, or in a folder called test`;
  }
  if (!scenarioFileEnding.test(name)) {
    return `names ${quoted} as its scenario file; expected one called ${scenarioFileGlob}`;
  }
  return undefined;
}
