import { closeSync, constants, fstatSync, lstatSync, openSync, readSync, statSync, type Stats } from 'node:fs';

/** A file's text, or why there is none: what stands in the file's place, or how large it is. */
export type RegularFile = { readonly text: string } | { readonly standsThere: string } | { readonly bytes: number };

/** Windows does not have this flag, nor pipes that look like files. */
const withoutWaiting = process.platform === 'win32' ? 0 : constants.O_NONBLOCK;

/**
 * Reads a file that others may have put there. Returns immediately whatever has this name: a pipe without a writer would
 * block a reader forever, and opening a device may have effects. What is added while it is read is left out.
 *
 * @param maximumBytes a larger file is not read
 * @throws what `node:fs` throws if there is nothing, or nothing that may be read
 */
export function readRegularFile(file: string, maximumBytes: number): RegularFile {
  const standsThere = otherThanFile(statSync(file));
  if (standsThere !== undefined) return { standsThere };
  const descriptor = openSync(file, constants.O_RDONLY | withoutWaiting);
  try {
    // Something else may have been put there meanwhile.
    const stats = fstatSync(descriptor);
    const replaced = otherThanFile(stats);
    if (replaced !== undefined) return { standsThere: replaced };
    if (stats.size > maximumBytes) return { bytes: stats.size };
    return { text: readBytes(descriptor, stats.size).toString('utf8') };
  } finally {
    closeSync(descriptor);
  }
}

/** Whether this name is a broken link. */
export function isDanglingLink(file: string): boolean {
  try {
    return lstatSync(file).isSymbolicLink() && statSync(file, { throwIfNoEntry: false }) === undefined;
  } catch {
    return false;
  }
}

/** What stands in the place of a file; undefined if it is a file. */
export function otherThanFile(stats: Stats): string | undefined {
  if (stats.isFile()) return undefined;
  if (stats.isDirectory()) return 'a folder';
  if (stats.isFIFO()) return 'a named pipe';
  if (stats.isSocket()) return 'a socket';
  return 'a device';
}

function readBytes(descriptor: number, size: number): Buffer {
  const bytes = Buffer.alloc(size);
  let length = 0;
  while (length < size) {
    const count = readSync(descriptor, bytes, length, size - length, length);
    if (count === 0) break;
    length += count;
  }
  return bytes.subarray(0, length);
}
