import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the harness, its invariants and bridges: the built ones, unless this is the source tree. */
export const harnessRoot = fileURLToPath(new URL('../../', import.meta.url));
export const bridgesDirectory = path.join(harnessRoot, 'bridges');

const invariantsDirectory = path.join(harnessRoot, 'invariants');
const harnessDirectory = path.join(harnessRoot, 'harness');
/** As in `node:fs`: no path of a project begins like this. */
const libraryPrefix = 'threadmill:';

/** Whether a file stands in a folder, or in one within it; both absolute. Links are not followed. */
export function isWithin(file: string, directory: string): boolean {
  return file.startsWith(directory + path.sep);
}

/** Whether a file is the harness's own code, or its invariants: not part of what is tested. */
export function isHarness(file: string): boolean {
  return isWithin(file, harnessDirectory) || isWithin(file, invariantsDirectory);
}

/**
 * The name of a file in reports: its path in the project, or in the harness, wherever that is installed. So a trace is the same
 * on every machine.
 *
 * @param file absolute
 */
export function sourceName(projectDirectory: string, file: string): string {
  const isOurs = isWithin(file, bridgesDirectory) || isWithin(file, harnessDirectory);
  const name = path.relative(isOurs ? harnessRoot : projectDirectory, file);
  return (isOurs ? libraryPrefix : '') + name.split(path.sep).join('/');
}

/** The file to which `sourceName` gave this name. */
export function namedSource(projectDirectory: string, name: string): string {
  if (!name.startsWith(libraryPrefix)) return path.join(projectDirectory, name);
  return path.join(harnessRoot, name.slice(libraryPrefix.length));
}
