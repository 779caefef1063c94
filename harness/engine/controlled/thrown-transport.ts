import { inspect } from 'node:util';

/** Something thrown, in a form that can be posted to another thread. */
export type CarriedThrown =
  | { readonly kind: 'error'; readonly constructor: string; readonly properties: readonly CarriedProperty[] }
  | { readonly kind: 'value'; readonly value: unknown }
  /** What says itself how it is printed. */
  | { readonly kind: 'inspected'; readonly text: string }
  | { readonly kind: 'symbol'; readonly description: string }
  /** What cannot be cloned, printed. */
  | { readonly kind: 'printed'; readonly text: string }
  /** Not even that. */
  | { readonly kind: 'unknown' };

interface CarriedProperty {
  readonly key: string;
  readonly value: CarriedThrown;
  readonly enumerable: boolean;
}

const errorTypes: Readonly<Record<string, new (message?: string) => Error>> = {
  Error,
  TypeError,
  RangeError,
  URIError,
  SyntaxError,
  ReferenceError,
  EvalError,
};

/** The most errors that are followed from cause to cause. */
const maximumCauses = 16;

/**
 * Prepares what a worker threw for its `error` event as Node does: an error keeps its properties, inherited ones included, and the
 * type of the nearest of its prototypes that every realm has.
 *
 * @param mapStack translates places in the stack. Default: leaves them
 */
export function carryThrown(
  thrown: unknown,
  mapStack: (stack: string) => string = (stack) => stack,
  causes = 0,
): CarriedThrown {
  if (typeof thrown === 'symbol') return { kind: 'symbol', description: thrown.description ?? '' };
  try {
    if (Object.prototype.toString.call(thrown) === '[object Error]') {
      const constructor = nearestType(thrown as object);
      if (constructor !== undefined)
        return { kind: 'error', constructor, properties: propertiesOf(thrown as object, mapStack, causes) };
    }
    if (typeof thrown === 'object' && thrown !== null && Object.hasOwn(thrown, inspect.custom))
      return { kind: 'inspected', text: inspect(thrown) };
    if (typeof thrown !== 'function') return { kind: 'value', value: structuredClone(thrown) };
  } catch {
    // Printed below.
  }
  try {
    return { kind: 'printed', text: inspect(thrown) };
  } catch {
    return { kind: 'unknown' };
  }
}

function nearestType(thrown: object): string | undefined {
  for (let at: unknown = thrown; typeof at === 'object' && at !== null; at = Object.getPrototypeOf(at)) {
    const name: unknown = Object.hasOwn(at, 'constructor') ? (at.constructor as { readonly name?: unknown }).name : '';
    if (typeof name === 'string' && Object.hasOwn(errorTypes, name)) return name;
  }
  return undefined;
}

type MapStack = (stack: string) => string;

function propertiesOf(thrown: object, mapStack: MapStack, causes: number): CarriedProperty[] {
  const properties = new Map<string, CarriedProperty>();
  const chain: object[] = [];
  for (let at: unknown = thrown; typeof at === 'object' && at !== null; at = Object.getPrototypeOf(at)) chain.push(at);
  for (const holder of chain.reverse()) {
    for (const key of Object.getOwnPropertyNames(holder)) {
      if (key === '__proto__' || key === 'constructor') continue;
      const value = carryProperty(thrown, key, mapStack, causes);
      if (value === undefined) continue;
      const enumerable = Object.prototype.propertyIsEnumerable.call(holder, key);
      properties.set(key, { key, value, enumerable });
    }
  }
  return [...properties.values()];
}

function carryProperty(thrown: object, key: string, mapStack: MapStack, causes: number): CarriedThrown | undefined {
  try {
    const value: unknown = Reflect.get(thrown, key);
    if (key === 'cause') return causes < maximumCauses ? carryThrown(value, mapStack, causes + 1) : undefined;
    if (typeof value === 'function' || typeof value === 'symbol') return undefined;
    if (key === 'stack' && typeof value === 'string') return { kind: 'value', value: mapStack(value) };
    return { kind: 'value', value: structuredClone(value) };
  } catch {
    return undefined;
  }
}

/** The other direction: what the receiving thread gets. */
export function revive(carried: CarriedThrown): unknown {
  switch (carried.kind) {
    case 'value':
      return carried.value;
    case 'printed':
      return carried.text;
    case 'symbol':
      return Symbol.for(carried.description);
    case 'inspected':
      return { [inspect.custom]: () => carried.text };
    case 'unknown':
      return Object.assign(new Error('Serializing an uncaught exception failed'), {
        code: 'ERR_WORKER_UNSERIALIZABLE_ERROR',
      });
    case 'error': {
      const made = new (errorTypes[carried.constructor] ?? Error)();
      for (const { key, value, enumerable } of carried.properties)
        Object.defineProperty(made, key, { value: revive(value), enumerable, writable: true, configurable: true });
      return made;
    }
  }
}
