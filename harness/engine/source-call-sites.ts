import { originalPositionFor, TraceMap } from '@jridgewell/trace-mapping';
import { pathToFileURL } from 'node:url';
import type { PlacedBundle } from '../instrument/compiled.js';
import { withShadows } from './with-shadows.js';

type PrepareStackTrace = (error: Error, sites: NodeJS.CallSite[]) => unknown;

/** The function that a program set as `Error.prepareStackTrace` to see call sites, and the one that is called in its place. */
interface Preparation {
  readonly given: unknown;
  readonly called: unknown;
}

const nothing: Preparation = { given: undefined, called: undefined };

/**
 * Lets programs see the call sites of their own sources. Packages use them to find their caller, and to locate workers and
 * native binaries. The code really runs from a bundle, which has no file.
 */
export class SourceCallSites {
  readonly #find: (fileName: string) => PlacedBundle | undefined;
  readonly #mapped = new Map<PlacedBundle, MappedBundle>();
  readonly #before = Object.getOwnPropertyDescriptor(Error, 'prepareStackTrace');
  #current = nothing;
  /** What a package set when it was evaluated: packages are evaluated once. */
  #lasting = nothing;

  /**
   * @param find a bundle, by its file name
   * @param isLasting whether a package is being evaluated
   */
  constructor(find: (fileName: string) => PlacedBundle | undefined, isLasting: () => boolean) {
    this.#find = find;
    Object.defineProperty(Error, 'prepareStackTrace', {
      get: () => this.#current.called,
      set: (given: unknown) => {
        this.#current = this.#prepare(given);
        if (isLasting()) this.#lasting = this.#current;
      },
      configurable: true,
      enumerable: false,
    });
  }

  #prepare(given: unknown): Preparation {
    // Programs restore what they found.
    if (given === this.#current.called) return this.#current;
    if (given === this.#lasting.called) return this.#lasting;
    if (typeof given !== 'function') return { given, called: given };
    const called: PrepareStackTrace = (error, sites) =>
      (given as PrepareStackTrace)(
        error,
        sites.flatMap((site) => this.#sourceSite(site)),
      );
    return { given, called };
  }

  #sourceSite(site: NodeJS.CallSite): NodeJS.CallSite[] {
    const bundle = this.#find(site.getFileName() ?? '');
    if (bundle === undefined) return [site];
    const mapped = this.#mapped.get(bundle) ?? new MappedBundle(bundle);
    this.#mapped.set(bundle, mapped);
    return mapped.sourceSite(site);
  }

  /** Forgets what the last execution set. */
  reset(): void {
    this.#current = this.#lasting;
  }

  /** Restores the original. */
  dispose(): void {
    if (this.#before === undefined) Reflect.deleteProperty(Error, 'prepareStackTrace');
    else Object.defineProperty(Error, 'prepareStackTrace', this.#before);
  }
}

class MappedBundle {
  readonly #bundle: PlacedBundle;
  #map: TraceMap | undefined;
  #esModules: ReadonlySet<string> | undefined;

  constructor(bundle: PlacedBundle) {
    this.#bundle = bundle;
  }

  /** None for the code between the files: in Node, that is Node's own. */
  sourceSite(site: NodeJS.CallSite): NodeJS.CallSite[] {
    this.#map ??= new TraceMap(this.#bundle.sourceMap);
    const place = { line: site.getLineNumber() ?? 1, column: (site.getColumnNumber() ?? 1) - 1 };
    const { source, line, column } = originalPositionFor(this.#map, place);
    if (source === null) return [];
    this.#esModules ??= new Set(this.#bundle.esModules);
    const name = this.#esModules.has(source) ? pathToFileURL(source).href : source;
    const caller = site.getFunctionName();
    const position = `${name}:${line}:${column + 1}`;
    return [
      withShadows(site, {
        getFileName: () => name,
        getScriptNameOrSourceURL: () => name,
        getLineNumber: () => line,
        getColumnNumber: () => column + 1,
        toString: () => (caller === null ? position : `${caller} (${position})`),
      }),
    ];
  }
}
