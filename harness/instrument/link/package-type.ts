import { readFileSync } from 'node:fs';
import path from 'node:path';

const types = new Map<string, { readonly isModule: boolean; readonly readAt: number }>();
/** For how long what a package.json said is taken for true: a compilation, but no watcher's life. */
const keptMs = 2_000;

/** Whether the nearest package.json above says that `.js` files are ES modules. */
function isModulePackage(directory: string): boolean {
  const known = types.get(directory);
  if (known !== undefined && performance.now() - known.readAt < keptMs) return known.isModule;
  let isModule: boolean;
  try {
    const { type } = JSON.parse(readFileSync(path.join(directory, 'package.json'), 'utf8')) as { type?: unknown };
    isModule = type === 'module';
  } catch {
    const parent = path.dirname(directory);
    isModule = parent !== directory && path.basename(directory) !== 'node_modules' && isModulePackage(parent);
  }
  types.set(directory, { isModule, readAt: performance.now() });
  return isModule;
}

/** Whether Node takes a file for an ES module by where it is and what it is called, never mind what is in it. */
export function isModuleByName(file: string): boolean {
  const extension = path.extname(file);
  if (extension === '.mjs' || extension === '.mts') return true;
  return extension !== '.cjs' && extension !== '.cts' && isModulePackage(path.dirname(file));
}
