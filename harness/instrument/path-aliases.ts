import { statSync } from 'node:fs';
import path from 'node:path';
import { createPathsMatcher, getTsconfig } from 'get-tsconfig';
import { sourceNamesOf } from './source-files.js';

type Matcher = (specifier: string) => string[];

/** The `paths` of the tsconfig.json files of a project. */
export class PathAliases {
  /** By folder. */
  readonly #matchers = new Map<string, Matcher | null>();
  readonly #parsed = new Map<string, unknown>();

  /** The file that an alias puts in the place of a specifier. @param importer absolute */
  fileOf(specifier: string, importer: string): string | undefined {
    const found = this.#matcher(path.dirname(importer))?.(specifier) ?? [];
    for (const one of found) {
      const candidates = [
        one,
        ...sourceNamesOf(one),
        ...['.ts', '.tsx', '.js', '/index.ts', '/index.js'].map((end) => one + end),
      ];
      const file = candidates.find((name) => statSync(name, { throwIfNoEntry: false })?.isFile() === true);
      if (file !== undefined) return path.resolve(file);
    }
    return undefined;
  }

  #matcher(folder: string): Matcher | null {
    let matcher = this.#matchers.get(folder);
    if (matcher === undefined) {
      matcher = this.#read(folder);
      this.#matchers.set(folder, matcher);
    }
    return matcher;
  }

  /** A file that cannot be read is esbuild's to report. */
  #read(folder: string): Matcher | null {
    try {
      const config = getTsconfig(folder, 'tsconfig.json', this.#parsed);
      return config === null ? null : createPathsMatcher(config);
    } catch {
      return null;
    }
  }
}
