import { operationCodes } from '../kernel/operations.js';
import { growsTo, toBigInt, toIntegerOrInfinity, toNumber } from './conversions.js';
import type { Points } from './points.js';
import { createLike } from './species.js';
import {
  byteLengthOf,
  createViewTest,
  intrinsicConstructor,
  isOutOfBounds,
  lengthOf,
  typedArrayName,
  typedArrayPrototype,
  viewKinds,
} from './shared-views.js';

type View = NodeJS.TypedArray;
type Item = number | bigint;
type Elements = Record<number, unknown>;
type AnyFunction = (this: unknown, ...args: unknown[]) => unknown;
type Callback = (...args: unknown[]) => unknown;
/** The elements of one shared array during one call of a method. */
interface Access {
  readonly view: View;
  readonly length: number;
  get(index: number): Item;
  set(index: number, value: Item): void;
  /** A value converted for the array, before it is stored. */
  convert(value: unknown): Item;
  /** Reads an element of another array, which may be shared too. */
  getFrom(view: View, index: number): Item;
  /** Writes an element of another array, which may be shared too. */
  setIn(view: View, index: number, value: unknown): void;
}
type Shadow = (access: Access, args: readonly unknown[], original: AnyFunction) => unknown;

const readCode = operationCodes.read;
const writeCode = operationCodes.write;
const arrayIteratorPrototype = Object.getPrototypeOf([][Symbol.iterator]()) as object;
const realSort = typedArrayMethod('sort');

function typedArrayMethod(name: PropertyKey): AnyFunction {
  return Reflect.get(typedArrayPrototype, name) as AnyFunction;
}

/** A relative index (negative: from the end), as in most methods. */
function relative(value: unknown, length: number, whenUndefined: number): number {
  if (value === undefined) return whenUndefined;
  const integer = toIntegerOrInfinity(value);
  return integer < 0 ? Math.max(length + integer, 0) : Math.min(integer, length);
}

function toCallback(access: Access, args: readonly unknown[], original: AnyFunction): Callback {
  const callback = args[0];
  // The original throws before it reads anything.
  if (typeof callback !== 'function') return Reflect.apply(original, access.view, args) as never;
  const thisArgument = args[1];
  return (...callArguments) => Reflect.apply(callback, thisArgument, callArguments) as unknown;
}

/** Reads every element once, in order, into an array that is not shared. */
function snapshot(access: Access): View {
  const copy = new (intrinsicConstructor(access.view))(access.length);
  for (let index = 0; index < access.length; index++) (copy as Elements)[index] = access.get(index);
  return copy;
}

/** Whether `set` will get as far as reading the source: otherwise it throws before. */
function canHold(target: unknown, source: View, offset: unknown): boolean {
  const name = typedArrayName(target);
  if (name === undefined || (typeof offset !== 'number' && offset !== undefined)) return false;
  const place = toIntegerOrInfinity(offset);
  const sameContent = name.startsWith('Big') === (typedArrayName(source) ?? '').startsWith('Big');
  return sameContent && !isOutOfBounds(target) && place >= 0 && place + lengthOf(source) <= lengthOf(target);
}

/** For methods that read everything before they do anything else observable. */
const onSnapshot: Shadow = (access, args, original) => Reflect.apply(original, snapshot(access), args);

function find(direction: 1 | -1, result: (index: number, value: Item | undefined) => unknown): Shadow {
  return (access, args, original) => {
    const matches = toCallback(access, args, original);
    const { view, length } = access;
    for (let step = 0; step < length; step++) {
      const index = direction === 1 ? step : length - 1 - step;
      const value = access.get(index);
      if (matches(value, index, view)) return result(index, value);
    }
    return result(-1, undefined);
  };
}

function reduce(direction: 1 | -1): Shadow {
  return (access, args, original) => {
    const callback = args[0];
    const { view, length } = access;
    if (typeof callback !== 'function' || (length === 0 && args.length < 2)) return Reflect.apply(original, view, args);
    let step = 0;
    const indexAt = (): number => (direction === 1 ? step : length - 1 - step);
    let accumulator = args[1];
    if (args.length < 2) {
      accumulator = access.get(indexAt());
      step++;
    }
    for (; step < length; step++) {
      const index = indexAt();
      accumulator = Reflect.apply(callback, undefined, [accumulator, access.get(index), index, view]) as unknown;
    }
    return accumulator;
  };
}

const copyWithin: Shadow = (access, args) => {
  const { view, length } = access;
  const to = relative(args[0], length, 0);
  const from = relative(args[1], length, 0);
  const count = Math.min(relative(args[2], length, length) - from, length - to);
  const backwards = from < to && to < from + count;
  for (let step = 0; step < count; step++) {
    const offset = backwards ? count - 1 - step : step;
    access.set(to + offset, access.get(from + offset));
  }
  return view;
};

const set: Shadow = (access, args, original) => {
  const { view } = access;
  const source = args[0];
  const offset = toIntegerOrInfinity(args[1]);
  const length = lengthOf(view);
  const name = typedArrayName(source);
  if (name !== undefined) {
    const count = lengthOf(source);
    const sameContent = name.startsWith('Big') === (typedArrayName(view) ?? '').startsWith('Big');
    if (offset < 0 || offset + count > length || !sameContent || isOutOfBounds(source))
      return Reflect.apply(original, view, [source, offset]);
    const from = source as View;
    const values =
      from.buffer === view.buffer
        ? Array.from({ length: count }, (_, index) => access.convert(access.getFrom(from, index)))
        : null;
    for (let index = 0; index < count; index++)
      access.set(offset + index, values?.[index] ?? access.convert(access.getFrom(from, index)));
    return undefined;
  }
  if (offset < 0 || source === undefined || source === null) return Reflect.apply(original, view, [source, offset]);
  const from = Object(source) as Record<PropertyKey, unknown>;
  const count = Math.min(Math.max(toIntegerOrInfinity(from['length']), 0), Number.MAX_SAFE_INTEGER);
  if (offset + count > length) throw new RangeError('offset is out of bounds');
  for (let index = 0; index < count; index++) access.set(offset + index, access.convert(from[index]));
  return undefined;
};

const search =
  (
    direction: 1 | -1,
    equals: (value: unknown, wanted: unknown) => boolean,
    found: (index: number) => unknown,
  ): Shadow =>
  (access, args) => {
    const { length } = access;
    if (length === 0) return found(-1);
    let index: number;
    if (direction === 1) index = relative(args[1], length, 0);
    else {
      const from = args.length > 1 ? toIntegerOrInfinity(args[1]) : length - 1;
      index = from < 0 ? length + from : Math.min(from, length - 1);
    }
    for (; index >= 0 && index < length; index += direction)
      if (equals(access.get(index), args[0])) return found(index);
    return found(-1);
  };

/** An iterator over the elements; it inherits from %ArrayIteratorPrototype%, with a `next` of its own. */
function iterate(access: Access, item: (index: number, value: Item) => unknown): unknown {
  let index = 0;
  const next = (): IteratorResult<unknown> => {
    // The length is read each time, as in the real iterator: the array may have grown.
    if (index < 0 || index >= lengthOf(access.view)) {
      index = -1;
      return { value: undefined, done: true };
    }
    const value = item(index, access.get(index));
    index++;
    return { value, done: false };
  };
  return Object.create(arrayIteratorPrototype, { next: { value: next, writable: true, configurable: true } });
}

const isSame = (value: unknown, wanted: unknown): boolean => value === wanted;
const isSameOrNaN = (value: unknown, wanted: unknown): boolean =>
  value === wanted || (value !== value && wanted !== wanted);

/** A bug of V8: `fill(value, undefined, end)` fills to the very end, without even converting `end`. */
const fillMayIgnoreEnd = new Int8Array(1).fill(1, undefined, 0)[0] === 1;

/** V8 reads the array's length after converting the value, which may have made it grow. */
const fillSeesGrowth = ((): boolean => {
  const buffer = new SharedArrayBuffer(1, { maxByteLength: 2 });
  const view = new Int8Array(buffer);
  view.fill(growsTo(buffer, 2, 1));
  return view[1] === 1;
})();

/** V8 versions differ in which argument of `with` they convert first. */
const withConvertsValueFirst = ((): boolean => {
  const order: string[] = [];
  const noting = (name: string): number => ({ valueOf: () => order.push(name) * 0 }) as unknown as number;
  new Int8Array(1).with(noting('index'), noting('value'));
  return order[0] === 'value';
})();

/** V8 versions differ in whether `with` reads the array's length before or after its own conversions, which may make it grow. */
const withSeesGrowth = ((): boolean => {
  const buffer = new SharedArrayBuffer(1, { maxByteLength: 2 });
  const growing = growsTo(buffer, 2, 0);
  try {
    new Int8Array(buffer).with(1, growing);
    return true;
  } catch {
    return false;
  }
})();

/** By name, what each method does on a shared array. `keys` and `subarray` access no element and stay unchanged. */
const shadows: Readonly<Record<string, Shadow>> = {
  at: (access, args) => {
    const integer = toIntegerOrInfinity(args[0]);
    const index = integer < 0 ? access.length + integer : integer;
    return index >= 0 && index < access.length ? access.get(index) : undefined;
  },
  copyWithin,
  entries: (access) => iterate(access, (index, value) => [index, value]),
  every: (access, args, original) => {
    const holds = toCallback(access, args, original);
    for (let index = 0; index < access.length; index++) if (!holds(access.get(index), index, access.view)) return false;
    return true;
  },
  fill: (access, args) => {
    const value = access.convert(args[0]);
    const length = fillSeesGrowth ? lengthOf(access.view) : access.length;
    const start = relative(args[1], length, 0);
    const end = args[1] === undefined && fillMayIgnoreEnd ? length : relative(args[2], length, length);
    for (let index = start; index < end; index++) access.set(index, value);
    return access.view;
  },
  filter: (access, args, original) => {
    const keeps = toCallback(access, args, original);
    const kept: Item[] = [];
    for (let index = 0; index < access.length; index++) {
      const value = access.get(index);
      if (keeps(value, index, access.view)) kept.push(value);
    }
    const result = createLike(access.view, kept.length, 'filter');
    for (let index = 0; index < kept.length; index++) access.setIn(result, index, kept[index]);
    return result;
  },
  find: find(1, (_index, value) => value),
  findIndex: find(1, (index) => index),
  findLast: find(-1, (_index, value) => value),
  findLastIndex: find(-1, (index) => index),
  forEach: (access, args, original) => {
    const callback = toCallback(access, args, original);
    for (let index = 0; index < access.length; index++) callback(access.get(index), index, access.view);
  },
  includes: search(1, isSameOrNaN, (index) => index >= 0),
  indexOf: search(1, isSame, (index) => index),
  join: (access, args, original) => {
    // The separator is converted before anything is read.
    const separator = args[0] === undefined ? ',' : ''.concat(args[0] as string);
    return Reflect.apply(original, snapshot(access), [separator]);
  },
  lastIndexOf: search(-1, isSame, (index) => index),
  map: (access, args, original) => {
    const callback = toCallback(access, args, original);
    const result = createLike(access.view, access.length, 'map');
    for (let index = 0; index < access.length; index++)
      access.setIn(result, index, callback(access.get(index), index, access.view));
    return result;
  },
  reduce: reduce(1),
  reduceRight: reduce(-1),
  reverse: (access) => {
    const { view, length } = access;
    for (let low = 0, high = length - 1; low < high; low++, high--) {
      const lower = access.get(low);
      const upper = access.get(high);
      access.set(low, upper);
      access.set(high, lower);
    }
    return view;
  },
  set,
  slice: (access, args) => {
    const { view, length } = access;
    const start = relative(args[0], length, 0);
    const end = relative(args[1], length, length);
    const count = Math.max(end - start, 0);
    const result = createLike(view, count, 'slice');
    for (let index = 0; index < count; index++) access.setIn(result, index, access.get(start + index));
    return result;
  },
  some: (access, args, original) => {
    const holds = toCallback(access, args, original);
    for (let index = 0; index < access.length; index++) if (holds(access.get(index), index, access.view)) return true;
    return false;
  },
  sort: (access, args, original) => {
    if (args[0] !== undefined && typeof args[0] !== 'function') return Reflect.apply(original, access.view, args);
    const sorted = snapshot(access);
    Reflect.apply(realSort, sorted, [args[0]]);
    for (let index = 0; index < access.length; index++) access.set(index, (sorted as Elements)[index] as Item);
    return access.view;
  },
  toLocaleString: onSnapshot,
  toReversed: onSnapshot,
  toSorted: (access, args, original) =>
    args[0] !== undefined && typeof args[0] !== 'function'
      ? Reflect.apply(original, access.view, args)
      : onSnapshot(access, args, original),
  values: (access) => iterate(access, (_index, value) => value),
  with: (access, args, original) => {
    const early = withConvertsValueFirst ? access.convert(args[1]) : undefined;
    const integer = toIntegerOrInfinity(args[0]);
    const value = early ?? access.convert(args[1]);
    const length = withSeesGrowth ? lengthOf(access.view) : access.length;
    const index = integer < 0 ? length + integer : integer;
    if (index < 0 || index >= length)
      return Reflect.apply(original, access.view, [index < 0 ? -Infinity : Infinity, value]);
    const copy = new (intrinsicConstructor(access.view))(access.length);
    for (let at = 0; at < access.length; at++) (copy as Elements)[at] = at === index ? value : access.get(at);
    return copy;
  },
};

/** A function written as a method: unlike `function` it is not a constructor, and neither are the built-ins. */
function asMethod(holder: { readonly method: AnyFunction }): AnyFunction {
  return Reflect.get(holder, 'method');
}

const dataViewBytes: Readonly<Record<string, number>> = { 8: 1, 16: 2, 32: 4, 64: 8 };

/**
 * Replaces the methods of typed arrays and DataViews that read and write shared memory, in the whole realm: on views of shared
 * memory, while `points.live`, each element they access is one point; on everything else they call the original. Names and
 * lengths stay the same. Node's own code has captured the originals and is not affected.
 *
 * @returns a function that restores the originals
 */
export function installViewShadows(points: Points): () => void {
  const viewKind = createViewTest();

  const isSharedArray = (value: unknown): value is View => {
    const kind = viewKind(value);
    return kind !== viewKinds.none && kind !== viewKinds.dataView;
  };

  const accessTo = (view: View, site: number): Access => {
    const elements = view as Elements;
    const bytes = view.BYTES_PER_ELEMENT;
    const isBigInt = viewKind(view) === viewKinds.bigints;
    return {
      view,
      length: lengthOf(view),
      get: (index) => {
        points.point(site);
        const value = elements[index] as Item;
        points.record(readCode, site, view, index * bytes, value, false);
        return value;
      },
      set: (index, value) => {
        points.point(site);
        const before = elements[index];
        elements[index] = value;
        const after = elements[index] as Item;
        points.record(writeCode, site, view, index * bytes, after, !Object.is(before, after));
      },
      convert: (value) => (isBigInt ? toBigInt(value) : toNumber(value)),
      getFrom: (other, index) =>
        isSharedArray(other) ? accessTo(other, site).get(index) : ((other as Elements)[index] as Item),
      setIn: (other, index, value) => {
        if (isSharedArray(other)) {
          const access = accessTo(other, site);
          access.set(index, access.convert(value));
        } else (other as Elements)[index] = value;
      },
    };
  };
  const restorers: (() => void)[] = [];
  const replace = (
    prototype: object,
    keys: readonly PropertyKey[],
    shadow: (original: AnyFunction) => AnyFunction,
  ): void => {
    const first = keys[0] ?? '';
    const descriptor = Object.getOwnPropertyDescriptor(prototype, first);
    if (descriptor === undefined || typeof descriptor.value !== 'function') return;
    const original = descriptor.value as AnyFunction;
    const replacement = shadow(original);
    for (const property of ['name', 'length'] as const) {
      Object.defineProperty(replacement, property, { value: original[property], configurable: true });
    }
    for (const key of keys) {
      const before = Object.getOwnPropertyDescriptor(prototype, key);
      if (before === undefined) continue;
      Object.defineProperty(prototype, key, { ...before, value: replacement });
      restorers.push(() => Object.defineProperty(prototype, key, before));
    }
  };

  for (const [name, shadow] of Object.entries(shadows)) {
    const keys = name === 'values' ? [name, Symbol.iterator] : [name];
    replace(typedArrayPrototype, keys, (original) =>
      asMethod({
        method(this: unknown, ...args: unknown[]): unknown {
          if (!points.live) return Reflect.apply(original, this, args);
          if (isSharedArray(this)) return shadow(accessTo(this, points.placeOf(this, name)), args, original);
          // The only method that reads another array than its own: `local.set(shared)` is how snapshots are taken.
          if (name === 'set' && isSharedArray(args[0]) && canHold(this, args[0], args[1])) {
            return Reflect.apply(original, this, [
              snapshot(accessTo(args[0], points.placeOf(this, name))),
              ...args.slice(1),
            ]);
          }
          return Reflect.apply(original, this, args);
        },
      }),
    );
  }

  const dataViewMethods = Object.getOwnPropertyDescriptors(DataView.prototype) as unknown as Readonly<
    Record<string, PropertyDescriptor>
  >;
  for (const name of Object.keys(dataViewMethods)) {
    const match = /^([gs]et)(\D+)(\d+)$/.exec(name);
    if (match === null) continue;
    const bytes = dataViewBytes[match[3] ?? ''] ?? 8;
    const isBigInt = match[2]?.startsWith('Big') === true;
    const read = dataViewMethods[`get${name.slice(3)}`]?.value as AnyFunction;
    const isOutside = (view: unknown, offset: number): boolean => offset < 0 || offset + bytes > byteLengthOf(view);
    replace(DataView.prototype, [name], (original) =>
      match[1] === 'get'
        ? asMethod({
            method(this: unknown, ...args: unknown[]): unknown {
              if (!points.live || viewKind(this) !== viewKinds.dataView) return Reflect.apply(original, this, args);
              const site = points.placeOf(this, name);
              const offset = toIntegerOrInfinity(args[0]);
              const littleEndian = Boolean(args[1]);
              if (isOutside(this, offset)) return Reflect.apply(original, this, [offset, littleEndian]);
              points.point(site);
              const value = Reflect.apply(original, this, [offset, littleEndian]) as Item;
              points.record(readCode, site, this as DataView, offset, value, false);
              return value;
            },
          })
        : asMethod({
            method(this: unknown, ...args: unknown[]): unknown {
              if (!points.live || viewKind(this) !== viewKinds.dataView) return Reflect.apply(original, this, args);
              const site = points.placeOf(this, name);
              const offset = toIntegerOrInfinity(args[0]);
              // An invalid index is refused before the value is converted, one past the end after.
              if (offset < 0 || offset > Number.MAX_SAFE_INTEGER)
                return Reflect.apply(original, this, [offset, args[1], args[2]]);
              const value = isBigInt ? toBigInt(args[1]) : toNumber(args[1]);
              const littleEndian = Boolean(args[2]);
              if (isOutside(this, offset)) return Reflect.apply(original, this, [offset, value, littleEndian]);
              points.point(site);
              const before = Reflect.apply(read, this, [offset, littleEndian]) as Item;
              Reflect.apply(original, this, [offset, value, littleEndian]);
              const after = Reflect.apply(read, this, [offset, littleEndian]) as Item;
              points.record(writeCode, site, this as DataView, offset, after, !Object.is(before, after));
              return undefined;
            },
          }),
    );
  }

  return () => {
    for (const restore of restorers.splice(0)) restore();
  };
}
