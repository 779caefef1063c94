import module, { createRequire, isBuiltin } from 'node:module';
import path from 'node:path';
import { isModuleExports, locateImport, resolveImport } from './locate-import.js';
import { sourceNamesOf } from '../instrument/source-files.js';
import { withShadows } from './with-shadows.js';

const nodeRequire = createRequire(import.meta.url);

/** The sources of a bundle's `require`. */
export interface RequireSources {
  /** Loads npm packages, by the bundler's ids. */
  readonly packages: (id: string) => (() => unknown) | undefined;
  /** On the agent that draws from the scenario's arbitraries, the harness's own fast-check, so that there is only one. */
  readonly fastCheck: object | undefined;
  /** Evaluates a package. Default: by calling it. */
  readonly evaluatePackage?: (evaluate: () => unknown) => unknown;
  /** Replacements of built-in modules, by their names without `node:`. */
  readonly shadowModules: Readonly<Record<string, () => unknown>>;
  /**
   * Compiles and evaluates a file that no bundle has, so that one offers it; a promise while that has top-level await. Default:
   * such files are left to Node.
   */
  readonly evaluateFile?: (file: string) => Promise<unknown> | undefined;
}

/** Looks for a file, given by its path, in a bundle. */
export type FindModule = (file: string) => readonly [require: () => unknown, imports: () => unknown] | undefined;

/** The `require` of one agent's bundles. */
export interface BundleRequire {
  /** @param id what the bundler left to it: a built-in module, fast-check, a package's id, the file of an addon */
  (id: string): unknown;
  /**
   * `require` in one file for everything that the bundler could not see, such as names computed at run time: it looks where Node
   * would, and Node loads what it finds outside the bundle, unchanged.
   *
   * @param file absolute, or a file URL
   */
  readonly from: (file: string | URL) => NodeJS.Require;
  /**
   * Tells what a bundle has, for names that are only known at run time. Called each time that the bundle is evaluated.
   *
   * @param bundle its file name
   * @param find from the path of a file to what evaluates it for `require`, and for import()
   */
  readonly offer: (bundle: string, find: FindModule) => void;
  /** What some bundle has. */
  readonly offered: FindModule;
  /** Makes some bundle offer a file, given by its path, if that is possible; a promise if that takes until a top-level await ends. */
  readonly bring: (file: string) => Promise<unknown> | undefined;
  /** `import()` in text that the program makes into a function. */
  readonly importLater: (specifier: unknown) => Promise<unknown>;
  /** Forgets what bundles offered in the last execution. */
  readonly reset: () => void;
  readonly locate: typeof locateImport;
  /** `import.meta.resolve` in a file. */
  readonly resolveImport: typeof resolveImport;
  readonly isModule: typeof isModuleExports;
}

/** Makes the `require` of one agent's bundles. */
export function createBundleRequire({
  packages,
  fastCheck,
  evaluatePackage = (evaluate) => evaluate(),
  evaluateFile,
  shadowModules,
}: RequireSources): BundleRequire {
  // A package's exports are the same for every execution, and collecting them again takes longer than everything else.
  const packageExports = new Map<string, unknown>();
  const packaged = (id: string): unknown => {
    if (packageExports.has(id)) return packageExports.get(id);
    const evaluate = packages(id);
    if (evaluate === undefined) return undefined;
    const exports = evaluatePackage(evaluate);
    packageExports.set(id, exports);
    return exports;
  };
  const shadowOf = (id: string): (() => unknown) | undefined => {
    const name = id.startsWith('node:') ? id.slice('node:'.length) : id;
    return name === 'module' ? () => shadowModule : shadowModules[name];
  };
  const finders = new Map<string, FindModule>();
  const offered: FindModule = (file) => {
    for (const find of finders.values()) {
      const found = find(file);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  const bundled: Bundled = (id) => {
    const exports = packaged(id) ?? (id === 'fast-check' ? fastCheck : shadowOf(id)?.());
    if (exports !== undefined) return { exports };
    const found = offered(id) ?? broughtNow(id);
    return found === undefined ? undefined : { exports: found[0]() };
  };
  const bring = (file: string): Promise<unknown> | undefined => {
    if (evaluateFile === undefined || !isSource(file) || offered(file) !== undefined) return undefined;
    return evaluateFile(file);
  };
  const broughtNow = (file: string): ReturnType<FindModule> => {
    if (bring(file) === undefined) return offered(file);
    throw Object.assign(
      new Error(`require() cannot be used on an ES module with top-level await: ${file}. Use import()`),
      {
        code: 'ERR_REQUIRE_ASYNC_MODULE',
      },
    );
  };
  const known = new Map<string, NodeJS.Require>();
  const from = (file: string | URL): NodeJS.Require => {
    const key = String(file);
    const made = known.get(key) ?? makeRequire(createRequire(file), bundled);
    known.set(key, made);
    return made;
  };
  const shadowModule = withShadows(module, { createRequire: from });
  const require = (id: string): unknown => {
    const found = bundled(id);
    return found === undefined ? nodeRequire(id) : found.exports;
  };
  const importLater = async (specifier: unknown): Promise<unknown> => {
    // Text that is made into a function has no file of its own.
    const base = path.join(process.cwd(), 'function.js');
    const found = locateImport(String(specifier), base);
    await bring(found);
    const compiled = offered(found);
    if (compiled !== undefined) return compiled[1]();
    const exports: unknown = from(base)(found);
    return isModuleExports(exports) ? exports : { ...(exports as object), default: exports };
  };
  return Object.assign(require, {
    bring,
    importLater,
    reset: () => {
      finders.clear();
    },
    from,
    offer: (bundle: string, find: FindModule): void => {
      finders.set(bundle, find);
    },
    offered,
    locate: locateImport,
    resolveImport,
    isModule: isModuleExports,
  });
}

/** Whether a file could be compiled; native addons and the like are left to Node. */
const isSource = (file: string): boolean =>
  path.isAbsolute(file) && /(?:\.(?:[cm]?[jt]sx?|json)|[\\/][^.\\/]+)$/.test(file);

/** What the bundles, or the shadows, have by a name. */
type Bundled = (id: string) => { readonly exports: unknown } | undefined;

function makeRequire(real: NodeJS.Require, bundled: Bundled): NodeJS.Require {
  const require = (id: string): unknown => {
    // What the bundle contains must not be loaded a second time.
    const found =
      typeof id === 'string' ? (bundled(id) ?? (isBuiltin(id) ? undefined : bundled(resolved(real, id)))) : undefined;
    return found === undefined ? real(id) : found.exports;
  };
  return Object.assign(require, real);
}

/** The file that is meant or, if there is none, the name itself: the loader throws the better error. */
function resolved(real: NodeJS.Require, id: string): string {
  for (const name of [id, ...sourceNamesOf(id)]) {
    try {
      return real.resolve(name);
    } catch {
      // The next one, or the loader's own error.
    }
  }
  return id;
}
