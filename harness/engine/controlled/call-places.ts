import { originalPositionFor, TraceMap } from '@jridgewell/trace-mapping';
import { fileURLToPath } from 'node:url';
import { spellPlace } from '../../place.js';
import type { PlacedBundle } from '../../instrument/compiled.js';
import type { KnownCode } from './known-code.js';

/** How many frames are searched for one of the program: the frames of the shadow and of Node are above it. */
const searchedFrames = 24;

interface Frame {
  getFileName(): string | null | undefined;
  getLineNumber(): number | null;
  getColumnNumber(): number | null;
  isAsync(): boolean;
}

/**
 * Finds out from the stack which call in the program led to a shadow. This takes some microseconds, so it is only used for calls
 * that the instrumentation could not predict: under another name, or by Node on the program's behalf.
 */
export class CallPlaces {
  readonly #code: KnownCode;
  readonly #maps = new Map<PlacedBundle, TraceMap>();
  /** Sites by positions in bundles. */
  readonly #found = new Map<string, number>();
  #sites: ReadonlyMap<string, number> | undefined;

  constructor(code: KnownCode) {
    this.#code = code;
  }

  /** More code has become known. */
  renew(): void {
    this.#sites = undefined;
  }

  /** The site of the innermost active call in the program's code; 0 if there is none, or it is unknown. */
  find(): number {
    const frame = captureFrames().find((candidate) => this.#code.bundle(candidate.getFileName() ?? '') !== undefined);
    // Functions that await a promise do not call what runs when it is settled.
    if (frame === undefined || frame.isAsync()) return 0;
    const key = `${frame.getFileName() ?? ''}:${frame.getLineNumber() ?? 0}:${frame.getColumnNumber() ?? 0}`;
    let site = this.#found.get(key);
    if (site === undefined) {
      site = this.#siteOf(frame);
      this.#found.set(key, site);
    }
    return site;
  }

  #siteOf(frame: Frame): number {
    const bundle = this.#code.bundle(frame.getFileName() ?? '');
    if (bundle === undefined) return 0;
    let map = this.#maps.get(bundle);
    if (map === undefined) {
      map = new TraceMap(bundle.sourceMap);
      this.#maps.set(bundle, map);
    }
    const line = frame.getLineNumber() ?? 1;
    const column = (frame.getColumnNumber() ?? 1) - 1;
    const original = originalPositionFor(map, { line, column });
    if (original.source === null) return 0;
    const file = original.source.startsWith('file:') ? fileURLToPath(original.source) : original.source;
    return this.#sitesByName().get(spellPlace({ file, line: original.line, column: original.column + 1 })) ?? 0;
  }

  /** The site of each call, by the position of the name that it calls. */
  #sitesByName(): ReadonlyMap<string, number> {
    if (this.#sites === undefined) {
      const sites = new Map<string, number>();
      for (const [site, place] of this.#code.calls()) sites.set(place, site);
      this.#sites = sites;
    }
    return this.#sites;
  }
}

const asTheyAre = (_: Error, frames: NodeJS.CallSite[]): NodeJS.CallSite[] => frames;

/** The frames of the current stack, innermost first. None if the program has made reading it impossible. */
function captureFrames(): readonly Frame[] {
  const limit = Object.getOwnPropertyDescriptor(Error, 'stackTraceLimit');
  const prepare = Object.getOwnPropertyDescriptor(Error, 'prepareStackTrace');
  try {
    Error.stackTraceLimit = searchedFrames;
    // Not by assignment: the accessor that the program sees there would take this for the program's own function.
    Object.defineProperty(Error, 'prepareStackTrace', { value: asTheyAre, writable: true, configurable: true });
    const holder: { stack?: readonly Frame[] } = {};
    Error.captureStackTrace(holder, captureFrames);
    return holder.stack ?? [];
  } catch {
    return [];
  } finally {
    putBack('stackTraceLimit', limit);
    putBack('prepareStackTrace', prepare);
  }
}

function putBack(key: 'stackTraceLimit' | 'prepareStackTrace', before: PropertyDescriptor | undefined): void {
  if (before === undefined) Reflect.deleteProperty(Error, key);
  else Reflect.defineProperty(Error, key, before);
}
