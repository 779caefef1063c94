import { existsSync } from 'node:fs';
import path from 'node:path';

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
