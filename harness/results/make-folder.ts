import { mkdirSync, statSync } from 'node:fs';
import path from 'node:path';

/**
 * Makes a folder, and those it stands in, unless they are there. Node's own way of making several at once never comes back
 * where a file system refuses new folders with ENOENT, as /proc does.
 *
 * @param folder absolute
 * @throws Error with a code, as mkdirSync does
 */
export function makeFolder(folder: string): void {
  const missing: string[] = [];
  for (let at = folder; statSync(at, { throwIfNoEntry: false }) === undefined; at = path.dirname(at)) missing.push(at);
  // What stands in its place is named by the error of trying.
  if (missing.length === 0 && !statSync(folder).isDirectory()) missing.push(folder);
  for (const next of missing.reverse()) {
    try {
      mkdirSync(next);
    } catch (error) {
      // Somebody else may have made it meanwhile.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || !statSync(next).isDirectory()) throw error;
    }
  }
}
