import { existsSync, lstatSync, realpathSync } from 'node:fs';
import path from 'node:path';

/**
 * Where a path that was read from a file leads, if it stays within a folder, links followed.
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

/** Where links lead to, if a folder of a project is not really in it; undefined if it is, or if there is none yet. */
export function leadsOutside(projectDirectory: string, folder: string): string | undefined {
  const project = path.resolve(projectDirectory);
  // The first that is there says where those below it will be made.
  for (let existing = path.join(project, folder); existing !== project; existing = path.dirname(existing)) {
    try {
      const real = realpathSync(existing);
      return isWithinFolder(real, realpathSync(project)) ? undefined : real;
    } catch {
      // Not there, or nothing that can be used: whoever uses it will say so.
    }
  }
  return undefined;
}

/** Whether a real path is that of a folder's, or of something in it. @param folder a real path too */
export function isWithinFolder(real: string, folder: string): boolean {
  const relative = path.relative(folder, real);
  return relative !== '..' && !relative.startsWith(`..${path.sep}`) && !path.isAbsolute(relative);
}

/** Whether what is there of this name, relative to a folder, is a link to what is really somewhere else. */
export function isLinkOutside(folder: string, name: string): boolean {
  const file = path.join(folder, name);
  const isLink = lstatSync(file, { throwIfNoEntry: false })?.isSymbolicLink() === true;
  return isLink && existsSync(file) && realPathWithin(folder, name) === undefined;
}
