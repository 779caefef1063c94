import { closeSync, constants, fstatSync, lstatSync, openSync, readSync, statSync, type Stats } from 'node:fs';

/** A file's text, or why it has none: what stands there instead of a file, or how large it is. */
export type RegularFile = { readonly text: string } | { readonly standsThere: string } | { readonly bytes: number };

/** There is no such thing on Windows, nor are there pipes that look like files. */
const withoutWaiting = process.platform === 'win32' ? 0 : constants.O_NONBLOCK;

/**
 * Reads a file that others may have put there. Whatever bears its name, this returns at once: a pipe that nobody writes to
 * would keep a reader for ever, and to open a device may do something. What is added while it is read is left out.
 *
 * @param maximumBytes a larger file is not read
 * @throws what `node:fs` throws where there is nothing, or nothing that may be read
 */
export function readRegularFile(file: string, maximumBytes: number): RegularFile {
  const standsThere = otherThanFile(statSync(file));
  if (standsThere !== undefined) return { standsThere };
  const descriptor = openSync(file, constants.O_RDONLY | withoutWaiting);
  try {
    // Somebody may have put another thing there meanwhile.
    const stats = fstatSync(descriptor);
    const replaced = otherThanFile(stats);
    if (replaced !== undefined) return { standsThere: replaced };
    if (stats.size > maximumBytes) return { bytes: stats.size };
    return { text: readBytes(descriptor, stats.size).toString('utf8') };
  } finally {
    closeSync(descriptor);
  }
}

/** Whether there is a link of this name that leads to nothing. */
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
