import { readFileSync } from 'node:fs';
import path from 'node:path';

const types = new Map<string, { readonly isModule: boolean; readonly readAt: number }>();
/** How long the content of a package.json is cached: for one compilation, but not for the lifetime of a watcher. */
const keptMs = 2_000;

/** Whether the nearest package.json declares that `.js` files are ES modules. */
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

/** Whether Node treats a file as an ES module because of its path and name, whatever its content. */
export function isModuleByName(file: string): boolean {
  const extension = path.extname(file);
  if (extension === '.mjs' || extension === '.mts') return true;
  return extension !== '.cjs' && extension !== '.cts' && isModulePackage(path.dirname(file));
}
