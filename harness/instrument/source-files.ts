import { existsSync } from 'node:fs';
import path from 'node:path';

/** The extensions of sources that become a file with this one, in the order in which they are looked for. */
const sourceExtensions: Readonly<Record<string, readonly string[]>> = {
  '': ['.ts', '.tsx', '/index.ts'],
  '.js': ['.ts', '.tsx'],
  '.mjs': ['.mts'],
  '.cjs': ['.cts'],
};

/** The names of sources that become what has this name when they are built: `worker.js` is in `worker.ts`. */
export function sourceNamesOf(name: string): string[] {
  const extension = path.extname(name);
  const base = name.slice(0, name.length - extension.length);
  const isPath = /^(?:\.{0,2}[\\/]|[A-Za-z]:)/.test(name);
  return isPath ? (sourceExtensions[extension] ?? []).map((one) => base + one) : [];
}

/** A file or, if it has not been built, its source. @param file absolute */
export function sourceOf(file: string): string {
  return existsSync(file) ? file : (sourceNamesOf(file).find((one) => existsSync(one)) ?? file);
}
