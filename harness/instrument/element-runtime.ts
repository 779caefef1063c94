import { operationCodes } from '../kernel/operations.js';
import { elementIndex, toBigInt, toNumber, toPropertyKey } from './conversions.js';
import type { Points } from './points.js';
import { remembersViews } from './remembered-views.js';
import { createViewTest, intrinsicConstructor, lengthOf, viewKinds } from './shared-views.js';

type View = NodeJS.TypedArray;
type Elements = Record<PropertyKey, unknown>;

/** A reference to one element: reading and writing `v` reads and writes the element. */
export interface ElementReference {
  v: unknown;
}

/**
 * What instrumented code calls as `$threadmill`. It is the `Points` object itself, so that the shadows find what the code
 * announces before a call.
 */
export interface ElementRuntime extends Points {
  /** Whether the value is a typed array over shared memory; called when the inline test does not know the object yet. */
  isShared(value: unknown): boolean;
  /** Forgets the objects that the inline test knows; each bundle that is evaluated sets its own function. */
  forget: () => void;
  /** The places at which modules are waiting at their top level, the last one entered last; each bundle sets its own. */
  awaited: ReadonlySet<string>;
  /** `view[key]`. */
  r(view: object, key: unknown, site: number): unknown;
  /** `view[key] = value`; returns the given value unchanged. */
  w<Value>(view: object, key: unknown, value: Value, site: number): Value;
  /** The reference `view[key]`, for everything that reads and then writes. */
  f(view: object, key: unknown, site: number): ElementReference;
  /** A value that is about to be iterated over, unchanged. */
  i<Value>(value: Value, site: number): Value;
  /** What to destructure instead of `value`: the same, or a stand-in whose elements are points. */
  d(value: unknown, site: number): unknown;
  /** What `new Int32Array(value)` and its kin are to copy: the same, or an unshared copy made element by element. */
  c(value: unknown, site: number): unknown;
}

/** One element of one view; the fields are not `#private` since making those costs more than all the rest. */
class Reference implements ElementReference {
  /* eslint-disable no-restricted-syntax */
  private readonly runtime: Pick<ElementRuntime, 'r' | 'w'>;
  private readonly view: object;
  private readonly key: unknown;
  private readonly site: number;
  /* eslint-enable no-restricted-syntax */

  constructor(runtime: Pick<ElementRuntime, 'r' | 'w'>, view: object, key: unknown, site: number) {
    this.runtime = runtime;
    this.view = view;
    this.key = key;
    this.site = site;
  }

  get v(): unknown {
    return this.runtime.r(this.view, this.key, this.site);
  }

  set v(value: unknown) {
    this.runtime.w(this.view, this.key, value, this.site);
  }
}

const readCode = operationCodes.read;
const writeCode = operationCodes.write;

/**
 * Adds to an engine's points what instrumented code calls. Keys that are not elements of the array (`length`, out of range,
 * `-0` as a string) behave as usual and are not points; so does everything while `points.live` is false.
 *
 * @returns the same object, to be passed to bundles as `$threadmill`
 */
export function createElementRuntime(points: Points): ElementRuntime {
  const viewKind = createViewTest();

  const read = (view: View, index: number, site: number): unknown => {
    points.point(site);
    const value = view[index]!;
    points.record(readCode, site, view, index * view.BYTES_PER_ELEMENT, value, false);
    return value;
  };

  const write = (view: View, index: number, value: number | bigint, site: number): void => {
    points.point(site);
    const before = view[index];
    (view as unknown as Elements)[index] = value;
    const after = view[index]!;
    points.record(writeCode, site, view, index * view.BYTES_PER_ELEMENT, after, !Object.is(before, after));
  };

  /** The element that `key` means now, or -1. */
  const elementOf = (view: Elements, key: PropertyKey): number => {
    const index = elementIndex(key);
    return index >= 0 && view[index] !== undefined ? index : -1;
  };

  const isBigInt = (view: object): boolean => viewKind(view) === viewKinds.bigints;

  const readKey = (view: object, key: unknown, site: number): unknown => {
    const elements = view as Elements;
    if (!points.live) return elements[key as string];
    const property = toPropertyKey(key);
    const index = elementOf(elements, property);
    return index < 0 ? elements[property] : read(view as View, index, site);
  };

  const writeKey = (view: object, key: unknown, value: unknown, site: number): void => {
    const elements = view as Elements;
    if (!points.live) {
      elements[key as string] = value;
      return;
    }
    const property = toPropertyKey(key);
    if (elementIndex(property) < 0) {
      elements[property] = value;
      return;
    }
    // Converted first: the conversion may have points of its own, and may grow the array.
    const converted = isBigInt(view) ? toBigInt(value) : toNumber(value);
    const index = elementOf(elements, property);
    if (index >= 0) write(view as View, index, converted, site);
  };

  remembersViews(() => {
    runtime.forget();
  });

  const methods: Omit<ElementRuntime, keyof Points> = {
    isShared: (value) => {
      const kind = viewKind(value);
      return kind !== viewKinds.none && kind !== viewKinds.dataView;
    },
    forget: () => undefined,
    awaited: new Set(),
    r: (view, key, site) => {
      if (typeof key === 'number' && points.live && (view as Elements)[key] !== undefined)
        return read(view as View, key + 0, site);
      return readKey(view, key, site);
    },
    w: (view, key, value, site) => {
      if (typeof key === 'number' && typeof value === 'number' && points.live) {
        const present = (view as Elements)[key];
        if (typeof present === 'number') {
          write(view as View, key + 0, value, site);
          return value;
        }
      }
      writeKey(view, key, value, site);
      return value;
    },
    f: (view, key, site) => new Reference(methods, view, key, site),
    i: (value, site) => {
      points.at(site, value, 'values');
      return value;
    },
    d: (value, site) => {
      if (!points.live || !ArrayBuffer.isView(value) || !methods.isShared(value)) return value;
      return new Proxy(value, { get: (view, key) => readKey(view, key, site) });
    },
    c: (value, site) => {
      if (!points.live || !ArrayBuffer.isView(value) || !methods.isShared(value)) return value;
      const view = value as View;
      const length = lengthOf(view);
      const copy = new (intrinsicConstructor(view))(length) as unknown as Elements;
      for (let index = 0; index < length; index++) copy[index] = read(view, index, site);
      return copy;
    },
  };
  const runtime = Object.assign(points, methods);
  return runtime;
}
