import path from 'node:path';

/** What a program begins with. */
export type ProgramEntry =
  | {
      readonly kind: 'file';
      /** JavaScript, TypeScript or JSON. Relative ones are relative to the project. */
      readonly file: string;
    }
  | {
      readonly kind: 'text';
      readonly text: string;
      /** Absolute. Relative specifiers are relative to it. */
      readonly directory: string;
      readonly format: 'module' | 'commonjs' | 'json';
      /** As Node names it: `__filename` of CommonJS, such as `[worker eval]`, or `import.meta.url`, such as a `data:` URL. */
      readonly name: string;
    };

/** How to compile anything that a program may run. */
export interface ProgramOptions {
  readonly entry: ProgramEntry;
  /** Absolute. Sites and messages name files relative to it. */
  readonly projectDirectory: string;
  /** npm packages to evaluate again for each execution, with the scenario's own files. Default none. */
  readonly freshPackages?: readonly string[] | undefined;
  /**
   * Packages, by name, and files of the project, relative to it and beginning with `./`, that Node loads itself. Default: what the
   * entry says in `external`.
   */
  readonly external?: readonly string[] | undefined;
  /** Whether it is a file of tests, for which the engine has modules in place of vitest and node:test. Default false. */
  readonly hasTests?: boolean | undefined;
  /** Whether to add scheduling points; without them, the code runs at its normal speed. Default true. */
  readonly instrument?: boolean | undefined;
  /** Whether code outside it asks for its modules, by names known at run time. Default false. */
  readonly isOffered?: boolean | undefined;
  /**
   * The beginning of the names of the bundles' files: unique among the bundles that one agent evaluates. Default
   * `threadmill-scenario`.
   */
  readonly bundleName?: string | undefined;
  /**
   * The number of the first site: as many as there are already in the bundles that are evaluated beside this one. Default 0,
   * the unknown site, which only the first program has.
   */
  readonly firstSite?: number | undefined;
}

export interface CompileOptions extends Omit<ProgramOptions, 'entry' | 'isOffered' | 'bundleName' | 'firstSite'> {
  /** The scenario file; relative ones are relative to the project. */
  readonly file: string;
}

/** A text that is not in a file, as if it were in one. */
export interface EntryText {
  readonly file: string;
  readonly text: string;
  readonly name: string;
}

/** How the file of a text would end. */
const textExtensions = { module: '.mjs', commonjs: '.cjs', json: '.json' } as const;

/** Where the text of an entry would be; undefined if it is in a file. */
export function entryText(entry: ProgramEntry): EntryText | undefined {
  if (entry.kind === 'file') return undefined;
  const { text, directory, format, name } = entry;
  const base = name.startsWith('data:') ? '[data]' : path.basename(name).replaceAll(/[^\w.[\] -]/g, '_');
  return { file: path.join(directory, `${base}${textExtensions[format]}`), text, name };
}
