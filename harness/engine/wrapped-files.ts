import fs from 'node:fs';

type AnyFunction = (this: unknown, ...values: unknown[]) => unknown;

/** `node:fs` and `node:fs/promises` as the program under test sees them. */
export interface WrappedFiles {
  readonly fs: object;
  readonly promises: object;
}

/**
 * Wraps the functions that read and write files asynchronously: from Node 26 on, calls that read or write a whole file are not
 * among its active resources while they run.
 *
 * @param wrap makes the replacement of a function; `name` is, for example, `node:fs.readFile`
 */
export function wrappedFiles(wrap: (call: AnyFunction, name: string) => unknown): WrappedFiles {
  const promises = copyOf(fs.promises);
  for (const [key, value] of Object.entries(fs.promises))
    if (typeof value === 'function') replace(promises, key, wrap(value as AnyFunction, `node:fs/promises.${key}`));
  const module = copyOf(fs);
  for (const key of Object.keys(fs)) {
    if (!(`${key}Sync` in fs)) continue;
    const value: unknown = Reflect.get(fs, key);
    if (typeof value === 'function') replace(module, key, wrap(value as AnyFunction, `node:fs.${key}`));
  }
  replace(module, 'promises', promises);
  return { fs: module, promises };
}

/** A copy made without calling accessors: Node warns about some of its own. */
function copyOf(module: object): object {
  return Object.defineProperties({}, Object.getOwnPropertyDescriptors(module));
}

function replace(module: object, key: string, value: unknown): void {
  Object.defineProperty(module, key, { value, writable: true, enumerable: true, configurable: true });
}
