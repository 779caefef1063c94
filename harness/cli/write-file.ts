import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { HarnessError } from '../campaign/api.js';

/** Writes a file that the user asked for on the command line, and its folder if need be. */
export function writeRequestedFile(projectDirectory: string, file: string, text: string, option: string): void {
  const absolute = path.resolve(projectDirectory, file);
  try {
    mkdirSync(path.dirname(absolute), { recursive: true });
    writeFileSync(absolute, text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new HarnessError(`Cannot write ${file}: ${reason}.\nName another place with ${option}.`, { cause: error });
  }
}
