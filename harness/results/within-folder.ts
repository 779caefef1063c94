import { existsSync, lstatSync, realpathSync } from 'node:fs';
import path from 'node:path';

/**
 * Where a path that was read from a file leads after following links, if it stays within a folder.
 *
 * @param folder absolute
 * @param name relative to the folder
 * @returns the real path; undefined if it leads elsewhere, or to nothing
 */
export function realPathWithin(folder: string, name: string): string | undefined {
  if (path.isAbsolute(name) || name.split(/[\\/]/).includes('..') || name.includes('\0')) return undefined;
  try {
    const real = realpathSync(path.join(folder, name));
    return isWithinFolder(real, realpathSync(folder)) ? real : undefined;
  } catch {
    return undefined;
  }
}

/** Where links lead if a folder of a project is really outside it; undefined if it is inside, or does not exist yet. */
export function leadsOutside(projectDirectory: string, folder: string): string | undefined {
  const project = path.resolve(projectDirectory);
  // The first one that exists decides where those below it will be made.
  for (let existing = path.join(project, folder); existing !== project; existing = path.dirname(existing)) {
    try {
      const real = realpathSync(existing);
      return isWithinFolder(real, realpathSync(project)) ? undefined : real;
    } catch {
      // Missing or unusable: the code that uses it will report that.
    }
  }
  return undefined;
}

/** Whether a real path is that of a folder, or of something in it. @param folder a real path too */
export function isWithinFolder(real: string, folder: string): boolean {
  const relative = path.relative(folder, real);
  return relative !== '..' && !relative.startsWith(`..${path.sep}`) && !path.isAbsolute(relative);
}

/** Whether this name, relative to a folder, is a link to something that is really outside the folder. */
export function isLinkOutside(folder: string, name: string): boolean {
  const file = path.join(folder, name);
  const isLink = lstatSync(file, { throwIfNoEntry: false })?.isSymbolicLink() === true;
  return isLink && existsSync(file) && realPathWithin(folder, name) === undefined;
}
