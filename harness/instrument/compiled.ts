import type { Site } from '../results/schema.js';

/** One bundle: JavaScript text, and the map from its lines to the sources. */
export interface Bundle {
  /**
   * An expression that evaluates to a function of `bundleParameters` (in that order) which evaluates the modules and
   * returns the entry's exports, or a promise of them if `isAsync`. Calling it again gives fresh module state.
   */
  readonly code: string;
  /**
   * Whether the entry or one of its imports has top-level await. While the promise is pending, the set `$threadmill.awaited` has
   * the places that are awaited, as text; the last is where it waits.
   */
  readonly isAsync: boolean;
  /** The name under which it is compiled, which identifies it in stack traces. */
  readonly fileName: string;
  /** Source map version 3, JSON; sources are absolute paths. */
  readonly sourceMap: string;
  /** The files in it that are ES modules, absolute: Node names them by their URLs. */
  readonly esModules: readonly string[];
}

/** A bundle without its code: what is needed to find places in it. */
export type PlacedBundle = Omit<Bundle, 'code' | 'isAsync'>;

/** A scenario file, or another program, prepared for the engine. Can be cloned with structuredClone. */
export interface CompiledScenario {
  /** The scenario file, absolute; of a text, the file that it would be in. */
  readonly file: string;
  /** The scenario's own files and bridges: evaluated for each execution. Exports the scenario file's exports. */
  readonly own: Bundle;
  /**
   * npm packages the scenario imports: evaluated once per agent. Exports an object of functions by module id; the bundle of own
   * files requires those ids. Null when there are none.
   */
  readonly packages: Bundle | null;
  /** Absolute: the folder that places are relative to. */
  readonly projectDirectory: string;
  /** npm packages that are evaluated again for each execution because the scenario says so. */
  readonly freshPackages: readonly string[];
  /** Packages, and files of the project, that Node loads itself because the scenario says so. */
  readonly external: readonly string[];
  /** The number of the first of `sites`: 0, except for programs that are evaluated beside others. */
  readonly firstSite: number;
  /**
   * Site `firstSite + i` of the instrumented code; site 0 means "unknown" and is null. Files are relative to the project, with
   * `/`.
   */
  readonly sites: readonly (Site | null)[];
  /**
   * Four numbers for each call: its site, the index in `files` of its file, and line and column of the name of what it
   * calls, which identify the call in a stack trace.
   */
  readonly calls: Int32Array;
  /** Files with calls, absolute. */
  readonly files: readonly string[];
  /** Whether the code mentions anything with which it could change `globalThis` or built-in prototypes. */
  readonly mayEditRealm: boolean;
  /** Every file that went into the bundles, absolute: the files that a watcher must watch. */
  readonly inputs: readonly string[];
}

/** The bundles of a compiled file. */
export function bundlesOf({ own, packages }: CompiledScenario): readonly Bundle[] {
  return packages === null ? [own] : [own, packages];
}

/**
 * The names that the bundle's code sees instead of Node's globals, and the two that instrumentation adds:
 * `$threadmill` is the runtime (see ElementRuntime), `require` resolves Node's built-ins, `fast-check`, and ids of `packages`.
 */
export const bundleParameters = [
  '$threadmill',
  'require',
  'Atomics',
  'SharedArrayBuffer',
  'Date',
  'Math',
  'performance',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'clearTimeout',
  'clearInterval',
  'clearImmediate',
  'process',
  'crypto',
  'MessageChannel',
  'MessagePort',
  'BroadcastChannel',
  'PerformanceObserver',
  'AbortSignal',
  'Event',
  'WebAssembly',
  'structuredClone',
  'Function',
  'globalThis',
  'global',
] as const;
