import module, { createRequire, isBuiltin } from 'node:module';
import { isModuleExports, locateImport } from './locate-import.js';
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
}

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
  readonly locate: typeof locateImport;
  readonly isModule: typeof isModuleExports;
}

/** Makes the `require` of one agent's bundles. */
export function createBundleRequire({
  packages,
  fastCheck,
  evaluatePackage = (evaluate) => evaluate(),
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
  const bundled = (id: string): unknown => packaged(id) ?? (id === 'fast-check' ? fastCheck : shadowOf(id)?.());
  const known = new Map<string, NodeJS.Require>();
  const from = (file: string | URL): NodeJS.Require => {
    const key = String(file);
    const made = known.get(key) ?? makeRequire(createRequire(file), bundled);
    known.set(key, made);
    return made;
  };
  const shadowModule = withShadows(module, { createRequire: from });
  return Object.assign((id: string): unknown => bundled(id) ?? nodeRequire(id), {
    from,
    locate: locateImport,
    isModule: isModuleExports,
  });
}

function makeRequire(real: NodeJS.Require, bundled: (id: string) => unknown): NodeJS.Require {
  const require = (id: string): unknown => {
    // What the bundle contains must not be loaded a second time.
    if (typeof id === 'string')
      return bundled(id) ?? (isBuiltin(id) ? real(id) : (bundled(resolved(real, id)) ?? real(id)));
    return real(id);
  };
  return Object.assign(require, real);
}

/** The file that is meant or, if there is none, the name itself: the loader throws the better error. */
function resolved(real: NodeJS.Require, id: string): string {
  try {
    return real.resolve(id);
  } catch {
    return id;
  }
}
