import { types } from 'node:util';
import { remembersViews } from './remembered-views.js';

/** The kind of a value, as far as it matters for scheduling points. */
export const viewKinds = {
  /** Not a view of shared memory. */
  none: 0,
  /** A typed array of integers up to 32 bits, which Atomics accepts. */
  integers: 1,
  /** BigInt64Array or BigUint64Array. */
  bigints: 2,
  /** A typed array that Atomics does not accept: floats and clamped bytes. */
  others: 3,
  dataView: 4,
} as const;

export type ViewKind = (typeof viewKinds)[keyof typeof viewKinds];

export type TypedArrayConstructor = new (length: number) => NodeJS.TypedArray;

/** By name, the constructors as they were when this module was loaded: user code may replace them. */
const intrinsics = new Map<string, TypedArrayConstructor>(
  Reflect.ownKeys(globalThis).flatMap((name) => {
    const isTypedArray = typeof name === 'string' && /^[A-Z][A-Za-z]+\d+(?:Clamped)?Array$/.test(name);
    return isTypedArray ? [[name, Reflect.get(globalThis, name) as TypedArrayConstructor] as const] : [];
  }),
);

/** %TypedArray%.prototype. */
export const typedArrayPrototype = Object.getPrototypeOf(Int32Array.prototype) as object;

/** A getter of a built-in prototype as it was when this module was loaded: user code may override it. */
function capturedGetter(prototype: object, key: PropertyKey): (view: unknown) => unknown {
  const descriptor: { readonly get?: unknown } = Object.getOwnPropertyDescriptor(prototype, key) ?? {};
  const getter = descriptor.get;
  if (typeof getter !== 'function') throw new TypeError(`no getter ${String(key)}`);
  return (view) => Reflect.apply(getter, view, []) as unknown;
}

export const typedArrayName = capturedGetter(typedArrayPrototype, Symbol.toStringTag) as (
  view: unknown,
) => string | undefined;
export const lengthOf = capturedGetter(typedArrayPrototype, 'length') as (view: unknown) => number;
/** The built-in class of a typed array, whatever its `constructor` is. */
export function intrinsicConstructor(view: unknown): TypedArrayConstructor {
  const constructor = intrinsics.get(typedArrayName(view) ?? '');
  if (constructor === undefined) throw new TypeError('this is not a typed array.');
  return constructor;
}

const realAt = Reflect.get(typedArrayPrototype, 'at') as (index: number) => unknown;

/** Whether a typed array is out of bounds of its buffer, or detached: then most of its methods throw. */
export function isOutOfBounds(view: unknown): boolean {
  if (lengthOf(view) > 0) return false;
  try {
    Reflect.apply(realAt, view, [0]);
    return false;
  } catch {
    return true;
  }
}

const typedArrayBuffer = capturedGetter(typedArrayPrototype, 'buffer');
const dataViewBuffer = capturedGetter(DataView.prototype, 'buffer');
/** Throws, as DataView.prototype.byteLength does, if the view is out of bounds. */
export const byteLengthOf = capturedGetter(DataView.prototype, 'byteLength') as (view: unknown) => number;

const integerArrays = new Set(['Int8Array', 'Uint8Array', 'Int16Array', 'Uint16Array', 'Int32Array', 'Uint32Array']);
const bigintArrays = new Set(['BigInt64Array', 'BigUint64Array']);

/** The harness's own shared memory, on which the replaced methods must behave like the originals. */
const harnessBuffers = new WeakSet();

/** Marks a buffer as the harness's own: accesses to it are never scheduling points. */
export function excludeFromPoints(buffer: SharedArrayBuffer): void {
  harnessBuffers.add(buffer);
}

function classify(value: unknown): ViewKind {
  if (!ArrayBuffer.isView(value)) return viewKinds.none;
  const name = typedArrayName(value);
  const buffer = name === undefined ? dataViewBuffer(value) : typedArrayBuffer(value);
  if (!types.isSharedArrayBuffer(buffer) || harnessBuffers.has(buffer)) return viewKinds.none;
  if (name === undefined) return viewKinds.dataView;
  if (integerArrays.has(name)) return viewKinds.integers;
  return bigintArrays.has(name) ? viewKinds.bigints : viewKinds.others;
}

/**
 * Makes a function that determines the kind of a view. It remembers the last four objects, since programs alternate between a
 * few views; determining any other takes some 50 ns.
 */
export function createViewTest(): (value: unknown) => ViewKind {
  let view0: unknown;
  let view1: unknown;
  let view2: unknown;
  let view3: unknown;
  let kind0: ViewKind = viewKinds.none;
  let kind1: ViewKind = viewKinds.none;
  let kind2: ViewKind = viewKinds.none;
  let kind3: ViewKind = viewKinds.none;
  let oldest = 0;
  const remember = (value: unknown): ViewKind => {
    const kind = classify(value);
    // Values that are not views need not be remembered: they would only displace views.
    if (!ArrayBuffer.isView(value)) return kind;
    if (oldest === 0) [view0, kind0] = [value, kind];
    else if (oldest === 1) [view1, kind1] = [value, kind];
    else if (oldest === 2) [view2, kind2] = [value, kind];
    else [view3, kind3] = [value, kind];
    oldest = (oldest + 1) & 3;
    return kind;
  };
  remembersViews(() => {
    view0 = view1 = view2 = view3 = undefined;
    kind0 = kind1 = kind2 = kind3 = viewKinds.none;
  });
  return (value) => {
    if (value === view0) return kind0;
    if (value === view1) return kind1;
    if (value === view2) return kind2;
    if (value === view3) return kind3;
    return remember(value);
  };
}
