import { intrinsicConstructor, isOutOfBounds, lengthOf, typedArrayName, typedArrayPrototype } from './shared-views.js';

type View = NodeJS.TypedArray;
type AnyFunction = (this: unknown, ...args: unknown[]) => unknown;
type Constructor = new (length: number) => unknown;

/** Whether a value can be called with `new`, found without running any of its code. */
function isConstructor(value: unknown): value is Constructor {
  if (typeof value !== 'function') return false;
  try {
    Reflect.construct(new Proxy(value, { construct: () => ({}) }), []);
    return true;
  } catch {
    return false;
  }
}

/** The methods of this V8 that immediately refuse a species with BigInts if the array has numbers, or the reverse. */
const checksContent: ReadonlySet<string> = new Set(
  (['filter', 'map', 'slice'] as const).filter((name) => {
    const view = Object.defineProperty(new Int8Array(1), 'constructor', {
      value: { [Symbol.species]: BigInt64Array },
    });
    let isCalled = false;
    const method = Reflect.get(view, name) as AnyFunction;
    const callback = (): boolean => {
      isCalled = true;
      return false;
    };
    try {
      Reflect.apply(method, view, [callback]);
    } catch {
      return name === 'filter' || !isCalled;
    }
    return false;
  }),
);

const realSlice = Reflect.get(typedArrayPrototype, 'slice') as AnyFunction;

/** Throws what a method throws for a species that made no array, or one without memory; only V8 itself has the exact message. */
function refuse(created: unknown, name: string): never {
  let message = 'this is not a typed array.';
  try {
    Reflect.apply(realSlice, created, []);
  } catch (error) {
    message = (error as Error).message.replace('prototype.slice', `prototype.${name}`);
  }
  throw new TypeError(message);
}

/** Whether an array that is out of bounds is so because its buffer was detached. */
function isDetached(view: View): boolean {
  try {
    return new Uint8Array(view.buffer).length < 0;
  } catch {
    return true;
  }
}

/**
 * The array that a method returns: of the class that the array's `constructor` names as its species, as specified by
 * TypedArraySpeciesCreate, with V8's errors.
 */
export function createLike(view: View, length: number, name: string): View {
  const constructor: unknown = view.constructor;
  if (constructor === undefined) return new (intrinsicConstructor(view))(length);
  if ((typeof constructor !== 'object' && typeof constructor !== 'function') || constructor === null)
    throw new TypeError('The .constructor property is not an object');
  const species: unknown = Reflect.get(constructor, Symbol.species);
  if (species === undefined || species === null) return new (intrinsicConstructor(view))(length);
  if (!isConstructor(species)) throw new TypeError('object.constructor[Symbol.species] is not a constructor');
  const created = new species(length);
  const kind = typedArrayName(created);
  if (kind === undefined || (isOutOfBounds(created) && isDetached(created as View))) refuse(created, name);
  if (lengthOf(created) < length)
    throw new TypeError('Derived TypedArray constructor created an array which was too small');
  if (checksContent.has(name) && kind.startsWith('Big') !== (typedArrayName(view) ?? '').startsWith('Big'))
    throw new TypeError('Cannot mix BigInt and other types, use explicit conversions');
  return created as View;
}
