import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

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

/** The absolute path of the TypeScript file that `new Worker()` of this would start; undefined if it starts anything else. */
export function typeScriptOf(filename: unknown): string | undefined {
  if (filename instanceof URL && filename.protocol !== 'file:') return undefined;
  if (typeof filename !== 'string' && !(filename instanceof URL)) return undefined;
  const file = filename instanceof URL ? fileURLToPath(filename) : path.resolve(filename);
  const source = sourceOf(file);
  return /\.[cm]?tsx?$/.test(source) ? source : undefined;
}
