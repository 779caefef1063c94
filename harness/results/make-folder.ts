import { mkdirSync, statSync } from 'node:fs';
import path from 'node:path';

/**
 * Makes a folder and its parents, unless they exist. Node's recursive mkdir never returns where a file system refuses new
 * folders with ENOENT, as /proc does.
 *
 * @param folder absolute
 * @throws Error with a code, as mkdirSync does
 */
export function makeFolder(folder: string): void {
  const missing: string[] = [];
  for (let at = folder; statSync(at, { throwIfNoEntry: false }) === undefined; at = path.dirname(at)) missing.push(at);
  // The error of this attempt names what stands in its place.
  if (missing.length === 0 && !statSync(folder).isDirectory()) missing.push(folder);
  for (const next of missing.reverse()) {
    try {
      mkdirSync(next);
    } catch (error) {
      // Another process may have made it meanwhile.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || !statSync(next).isDirectory()) throw error;
    }
  }
}
