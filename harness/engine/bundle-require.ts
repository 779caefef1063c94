import { createRequire } from 'node:module';

const nodeRequire = createRequire(import.meta.url);

/** What a bundle's `require` answers from. */
export interface RequireSources {
  /** Answers for npm packages, by the bundler's ids. */
  readonly packages: (id: string) => (() => unknown) | undefined;
  /** The harness's own fast-check on the agent that draws from the scenario's arbitraries, so that there is one of it. */
  readonly fastCheck: object | undefined;
  /** Evaluates a package. Default: by calling it. */
  readonly evaluatePackage?: (evaluate: () => unknown) => unknown;
  /** What stands for built-in modules, by their names without `node:`. */
  readonly shadowModules: Readonly<Record<string, () => unknown>>;
}

/** Makes the `require` of one agent's bundles. */
export function createBundleRequire({
  packages,
  fastCheck,
  evaluatePackage = (evaluate) => evaluate(),
  shadowModules,
}: RequireSources): (id: string) => unknown {
  // A package's exports are the same for every execution, and putting them together anew takes longer than all else.
  const packageExports = new Map<string, unknown>();
  return (id) => {
    if (packageExports.has(id)) return packageExports.get(id);
    const packaged = packages(id);
    if (packaged !== undefined) {
      const exports = evaluatePackage(packaged);
      packageExports.set(id, exports);
      return exports;
    }
    if (id === 'fast-check' && fastCheck !== undefined) return fastCheck;
    const shadow = shadowModules[id.startsWith('node:') ? id.slice('node:'.length) : id];
    return shadow === undefined ? (nodeRequire(id) as unknown) : shadow();
  };
}
