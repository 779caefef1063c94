import { operationCodes } from '../kernel/operations.js';
import { growsTo, toBigInt, toIntegerOrInfinity, toNumber } from './conversions.js';
import type { Points, WaitableView } from './points.js';
import { remembersViews } from './remembered-views.js';
import { createViewTest, lengthOf, typedArrayName, viewKinds } from './shared-views.js';

type AnyFunction = (...args: unknown[]) => unknown;
type Integers = NodeJS.TypedArray & Record<number, number | bigint>;

const readModifyWrite = ['add', 'sub', 'and', 'or', 'xor', 'exchange'] as const;

/** Whether `notify` and similar methods accept an index that is in bounds only because its own conversion grew the array. */
const waitersSeeGrowth = ((): boolean => {
  const buffer = new SharedArrayBuffer(4, { maxByteLength: 8 });
  const growing = growsTo(buffer, 8, 1);
  try {
    Atomics.notify(new Int32Array(buffer), growing, 0);
    return true;
  } catch {
    return false;
  }
})();

/**
 * Makes an object that behaves exactly like `Atomics`: results, exceptions, the order in which arguments are converted, names
 * and lengths of the functions. On views of shared memory, while `points.live`, its operations are points; everything else
 * goes to the real one. `isLockFree` and `pause` access no memory and are not points.
 */
export function createShadowAtomics(points: Points): typeof Atomics {
  const real = Atomics as unknown as Readonly<Record<string, AnyFunction>>;
  const viewKind = createViewTest();

  /* Never undefined, which callers may pass. */
  let lastView: unknown = real;
  let lastButOne: unknown = real;
  remembersViews(() => {
    lastView = lastButOne = real;
  });
  /** Whether the operation is one on shared integers (otherwise the real one performs it, or throws its error). */
  const concerns = (view: unknown): view is Integers =>
    points.live && (view === lastView || view === lastButOne || isSharedIntegers(view));
  const isSharedIntegers = (view: unknown): boolean => {
    const kind = viewKind(view);
    if (kind !== viewKinds.integers && kind !== viewKinds.bigints) return false;
    lastButOne = lastView;
    lastView = view;
    return true;
  };
  const concernsWaiters = (view: unknown): view is WaitableView => {
    if (!concerns(view)) return false;
    const name = typedArrayName(view);
    return name === 'Int32Array' || name === 'BigInt64Array';
  };
  /** The index as an integer, or -1 if it is beyond the array's length before the conversion. */
  const indexIn = (view: Integers | WaitableView, index: unknown): number => {
    if (typeof index === 'number' && view[index] !== undefined) return index + 0;
    const length = lengthOf(view);
    const at = toIntegerOrInfinity(index);
    return at >= 0 && at < length ? at : -1;
  };
  /** The same for the operations in which V8 reads the array's length only after converting the index. */
  const waiterIndexIn = (view: WaitableView, index: unknown): number => {
    if (!waitersSeeGrowth) return indexIn(view, index);
    const at = toIntegerOrInfinity(index);
    return at >= 0 && at < lengthOf(view) ? at : -1;
  };
  const isBigInt = (view: unknown): boolean => viewKind(view) === viewKinds.bigints;
  /** The value, converted to the type of the view's elements. Testing an element of the view is quicker than testing its class. */
  const convert = (view: Integers, at: number, value: unknown): number | bigint =>
    typeof view[at] === 'bigint' ? toBigInt(value) : toNumber(value);

  const shadows: Record<string, AnyFunction> = {};
  /** Instrumented calls of `Atomics` itself pass their site after their arguments; the site of others must be looked up. */
  const siteOf = (name: string): number => points.placeOf(shadowAtomics, name, shadows[name]);

  const realLoad = Atomics.load as (view: unknown, index: unknown) => number | bigint;
  shadows['load'] = (view, index, from, place) => {
    if (!concerns(view)) return realLoad(view, index);
    const site = from === points ? (place as number) : siteOf('load');
    const at = indexIn(view, index);
    if (at < 0) return realLoad(view, at);
    points.point(site);
    const value = realLoad(view, at);
    points.record(operationCodes['Atomics.load'], site, view, at * view.BYTES_PER_ELEMENT, value, false);
    return value;
  };

  const realStore = Atomics.store as (view: unknown, index: unknown, value: unknown) => number | bigint;
  shadows['store'] = (view, index, value, from, place) => {
    if (!concerns(view)) return realStore(view, index, value);
    const site = from === points ? (place as number) : siteOf('store');
    const at = indexIn(view, index);
    if (at < 0) return realStore(view, at, value);
    const converted = convert(view, at, value);
    points.point(site);
    const before = view[at];
    const result = realStore(view, at, converted);
    const after = view[at]!;
    points.record(operationCodes['Atomics.store'], site, view, at * view.BYTES_PER_ELEMENT, after, before !== after);
    return result;
  };

  for (const name of readModifyWrite) {
    const operation = Reflect.get(Atomics, name) as (view: unknown, index: unknown, value: unknown) => number | bigint;
    const code = operationCodes[`Atomics.${name}`];
    shadows[name] = (view, index, value, from, place) => {
      if (!concerns(view)) return operation(view, index, value);
      const site = from === points ? (place as number) : siteOf(name);
      const at = indexIn(view, index);
      if (at < 0) return operation(view, at, value);
      const converted = convert(view, at, value);
      points.point(site);
      const before = operation(view, at, converted);
      points.record(code, site, view, at * view.BYTES_PER_ELEMENT, before, before !== view[at]);
      return before;
    };
  }

  const realCompareExchange = Atomics.compareExchange as (
    view: unknown,
    index: unknown,
    expected: unknown,
    replacement: unknown,
  ) => number | bigint;
  shadows['compareExchange'] = (view, index, expected, replacement, from, place) => {
    if (!concerns(view)) return realCompareExchange(view, index, expected, replacement);
    const site = from === points ? (place as number) : siteOf('compareExchange');
    const at = indexIn(view, index);
    if (at < 0) return realCompareExchange(view, at, expected, replacement);
    const convertedExpected = convert(view, at, expected);
    const convertedReplacement = convert(view, at, replacement);
    points.point(site);
    const before = realCompareExchange(view, at, convertedExpected, convertedReplacement);
    points.record(
      operationCodes['Atomics.compareExchange'],
      site,
      view,
      at * view.BYTES_PER_ELEMENT,
      before,
      before !== view[at],
    );
    return before;
  };

  const toTimeout = (timeout: unknown): number => {
    const milliseconds = toNumber(timeout);
    return milliseconds === milliseconds ? Math.max(milliseconds, 0) : Infinity;
  };
  const toExpected = (view: WaitableView, value: unknown): number | bigint =>
    isBigInt(view) ? BigInt.asIntN(64, toBigInt(value)) : toNumber(value) | 0;

  shadows['wait'] = (view, index, value, timeout, from, place) => {
    if (!concernsWaiters(view)) return real['wait']?.(view, index, value, timeout);
    const site = from === points ? (place as number) : siteOf('wait');
    const at = waiterIndexIn(view, index);
    if (at < 0) return real['wait']?.(view, at, value, timeout);
    const expected = toExpected(view, value);
    return points.wait(site, view, at, expected, toTimeout(timeout));
  };

  shadows['waitAsync'] = (view, index, value, timeout, from, place) => {
    if (!concernsWaiters(view)) return real['waitAsync']?.(view, index, value, timeout);
    const site = from === points ? (place as number) : siteOf('waitAsync');
    const at = waiterIndexIn(view, index);
    if (at < 0) return real['waitAsync']?.(view, at, value, timeout);
    const expected = toExpected(view, value);
    return points.waitAsync(site, view, at, expected, toTimeout(timeout));
  };

  shadows['notify'] = (view, index, count, from, place) => {
    if (!concernsWaiters(view)) return real['notify']?.(view, index, count);
    const site = from === points ? (place as number) : siteOf('notify');
    const at = waiterIndexIn(view, index);
    if (at < 0) return real['notify']?.(view, at, count);
    return points.notify(site, view, at, count === undefined ? Infinity : Math.max(toIntegerOrInfinity(count), 0));
  };

  const shadowAtomics = likeReal(shadows);
  return shadowAtomics;
}

/** Gives the shadows the names, lengths, attributes and order of the real methods; methods without a shadow stay real. */
function likeReal(shadows: Readonly<Record<string, AnyFunction>>): typeof Atomics {
  const atomics = Object.create(Object.getPrototypeOf(Atomics) as object) as typeof Atomics;
  for (const key of Reflect.ownKeys(Atomics)) {
    const descriptor = Object.getOwnPropertyDescriptor(Atomics, key);
    if (descriptor === undefined) continue;
    const shadow = typeof key === 'string' ? shadows[key] : undefined;
    if (shadow !== undefined) {
      const original = descriptor.value as AnyFunction;
      for (const property of ['name', 'length'] as const) {
        Object.defineProperty(shadow, property, { value: original[property], configurable: true });
      }
      descriptor.value = shadow;
    }
    Object.defineProperty(atomics, key, descriptor);
  }
  return atomics;
}
