import { appendFileSync, closeSync, constants, openSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { HarnessError } from '../errors.js';
import { makeFolder } from '../results/make-folder.js';

/** Writes a file that the user asked for on the command line. Creates its folder if needed. */
export function writeRequestedFile(projectDirectory: string, file: string, text: string, option: string): void {
  perform(projectDirectory, file, option, (absolute) => writeFileSync(absolute, text));
}

/** Appends to a file that the user asked for on the command line. Creates its folder if needed. */
export function appendRequestedFile(projectDirectory: string, file: string, text: string, option: string): void {
  perform(projectDirectory, file, option, (absolute) => appendFileSync(absolute, text));
}

function perform(projectDirectory: string, file: string, option: string, write: (absolute: string) => void): void {
  const absolute = path.resolve(projectDirectory, file);
  let pipe: number | undefined;
  try {
    makeFolder(path.dirname(absolute));
    pipe = openIfPipe(absolute);
    write(absolute);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    const remedy = code === 'ENOSPC' || code === 'EDQUOT' ? 'Free some space, or choose' : 'Choose';
    throw new HarnessError(`Cannot write ${file}: ${reasonOf(error)}.\n${remedy} another file with ${option}.`, {
      cause: error,
    });
  } finally {
    if (pipe !== undefined) closeSync(pipe);
  }
}

/**
 * Opening a pipe without a reader would block forever, so this opens it without blocking first. It stays open until all is
 * written, because a reader takes the exit of the last writer for the end.
 */
function openIfPipe(absolute: string): number | undefined {
  const isPipe = statSync(absolute, { throwIfNoEntry: false })?.isFIFO() === true;
  return isPipe ? openSync(absolute, constants.O_WRONLY | constants.O_NONBLOCK) : undefined;
}

function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'EISDIR') return 'it is a folder';
  if (code === 'ENXIO') return 'it is a pipe without a reader';
  if (code === 'EEXIST' || code === 'ENOTDIR') return 'its parent is not a folder';
  return error instanceof Error ? error.message : String(error);
}
