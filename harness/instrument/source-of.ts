import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The extensions of sources that become a file with this one, in the order in which they are looked for. */
const sourceExtensions: Readonly<Record<string, readonly string[]>> = {
  '.js': ['.ts', '.tsx'],
  '.mjs': ['.mts'],
  '.cjs': ['.cts'],
};

/** The file, or the source of one that has not been built: `worker.js` is in `worker.ts`. @param file absolute */
export function sourceOf(file: string): string {
  if (existsSync(file)) return file;
  const extension = path.extname(file);
  const base = file.slice(0, file.length - extension.length);
  return sourceExtensions[extension]?.map((one) => base + one).find((one) => existsSync(one)) ?? file;
}

/** The absolute path of the TypeScript file that `new Worker()` of this would start; undefined if it starts anything else. */
export function typeScriptOf(filename: unknown): string | undefined {
  if (filename instanceof URL && filename.protocol !== 'file:') return undefined;
  if (typeof filename !== 'string' && !(filename instanceof URL)) return undefined;
  const file = filename instanceof URL ? fileURLToPath(filename) : path.resolve(filename);
  const source = sourceOf(file);
  return /\.[cm]?tsx?$/.test(source) ? source : undefined;
}
