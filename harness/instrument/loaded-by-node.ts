import path from 'node:path';
import { isNativePackage, packageFolder } from './native-package.js';
import { packageName } from './package-name.js';
import { sourceOf } from './source-files.js';

/** What Node loads itself, as it is: packages that look for a binary, and what a scenario names as `external`. */
export class LoadedByNode {
  readonly #names: ReadonlySet<string>;
  /** Whether files of the project are among it. */
  readonly hasFiles: boolean;
  /** Whether each package looks for a binary, by its folder. */
  readonly #natives = new Map<string, boolean>();

  /** @param external names of packages, and files relative to the project that begin with `.` */
  constructor(projectDirectory: string, external: readonly string[]) {
    const files = external.filter((name) => name.startsWith('.'));
    this.hasFiles = files.length > 0;
    this.#names = new Set(
      external.map((name) => (files.includes(name) ? sourceOf(path.resolve(projectDirectory, name)) : name)),
    );
  }

  /** @param file absolute */
  has(file: string): boolean {
    if (this.#names.has(file) || this.#names.has(packageName(file) ?? '')) return true;
    const folder = packageFolder(file);
    if (folder === undefined) return false;
    let isNative = this.#natives.get(folder);
    if (isNative === undefined) this.#natives.set(folder, (isNative = isNativePackage(folder)));
    return isNative;
  }
}
