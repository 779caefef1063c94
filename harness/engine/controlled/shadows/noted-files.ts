import fs from 'node:fs';
import type { ForeignCalls } from './foreign-calls.js';

/** `node:fs` and `node:fs/promises` as the program under test sees them. */
export interface NotedFiles {
  readonly fs: object;
  readonly promises: object;
}

/**
 * Notes calls that read and write files asynchronously: from Node 26 on, those that read or write a whole file are not
 * among its active resources while they are under way.
 */
export function notedFiles(foreignCalls: ForeignCalls): NotedFiles {
  const promises = copyOf(fs.promises);
  for (const [key, value] of Object.entries(fs.promises))
    if (typeof value === 'function') replace(promises, key, foreignCalls.noting(value, `node:fs/promises.${key}`));
  const module = copyOf(fs);
  for (const key of Object.keys(fs))
    if (`${key}Sync` in fs) replace(module, key, foreignCalls.noting(Reflect.get(fs, key), `node:fs.${key}`));
  replace(module, 'promises', promises);
  return { fs: module, promises };
}

/** A copy that asks no accessors: Node warns of some of its own. */
function copyOf(module: object): object {
  return Object.defineProperties({}, Object.getOwnPropertyDescriptors(module));
}

function replace(module: object, key: string, value: unknown): void {
  Object.defineProperty(module, key, { value, writable: true, enumerable: true, configurable: true });
}
