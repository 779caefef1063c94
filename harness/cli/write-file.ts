import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { HarnessError } from '../campaign/api.js';

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
    mkdirSync(path.dirname(absolute), { recursive: true });
    write(absolute);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new HarnessError(`Cannot write ${file}: ${reason}.\nName another place with ${option}.`, { cause: error });
  }
}
