import { appendFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { HarnessError } from '../campaign/api.js';
import { makeFolder } from '../results/make-folder.js';

/** Writes a file that the user asked for on the command line, and its folder if need be. */
export function writeRequestedFile(projectDirectory: string, file: string, text: string, option: string): void {
  perform(projectDirectory, file, option, (absolute) => writeFileSync(absolute, text));
}

/** The same, after what the file has already. */
export function appendRequestedFile(projectDirectory: string, file: string, text: string, option: string): void {
  perform(projectDirectory, file, option, (absolute) => appendFileSync(absolute, text));
}

function perform(projectDirectory: string, file: string, option: string, write: (absolute: string) => void): void {
  const absolute = path.resolve(projectDirectory, file);
  try {
    makeFolder(path.dirname(absolute));
    write(absolute);
  } catch (error) {
    const { message, code } = error as NodeJS.ErrnoException;
    const remedy = code === 'ENOSPC' || code === 'EDQUOT' ? 'Free some space, or name' : 'Name';
    throw new HarnessError(`Cannot write ${file}: ${message}.\n${remedy} another place with ${option}.`, {
      cause: error,
    });
  }
}
