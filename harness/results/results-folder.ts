import path from 'node:path';
import { HarnessError } from '../errors.js';
import { makeFolder } from './make-folder.js';
import { leadsOutside } from './within-folder.js';

/**
 * Makes a folder for results, unless it exists.
 *
 * @param folder relative to the project
 * @param file what will be written into it, for the message
 * @returns the folder, absolute
 * @throws HarnessError if a link leads out of the project; what `makeFolder` throws if it cannot be made
 */
export function makeResultsFolder(projectDirectory: string, folder: string, file: string): string {
  const elsewhere = leadsOutside(projectDirectory, folder);
  if (elsewhere !== undefined) {
    throw new HarnessError(
      `Cannot write ${file}: ${folder} is a link to ${elsewhere}, outside the project.\n` +
        'Replace it with a folder in the project, or run with --no-save.',
    );
  }
  const absolute = path.join(projectDirectory, folder);
  makeFolder(absolute);
  return absolute;
}
