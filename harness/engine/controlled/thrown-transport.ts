import { inspect } from 'node:util';

/** Something thrown, in a form that can be posted to another thread. */
export type CarriedThrown =
  | { readonly kind: 'error'; readonly constructor: string; readonly properties: readonly CarriedProperty[] }
  | { readonly kind: 'value'; readonly value: unknown }
  /** What cannot be cloned, printed. */
  | { readonly kind: 'printed'; readonly text: string };

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
 */
export function carryThrown(thrown: unknown, causes = 0): CarriedThrown {
  try {
    if (Object.prototype.toString.call(thrown) === '[object Error]') {
      const constructor = nearestType(thrown as object);
      if (constructor !== undefined)
        return { kind: 'error', constructor, properties: propertiesOf(thrown as object, causes) };
    }
    if (typeof thrown !== 'symbol' && typeof thrown !== 'function')
      return { kind: 'value', value: structuredClone(thrown) };
  } catch {
    // Printed below.
  }
  return { kind: 'printed', text: inspect(thrown) };
}

function nearestType(thrown: object): string | undefined {
  for (let at: unknown = thrown; typeof at === 'object' && at !== null; at = Object.getPrototypeOf(at)) {
    const name: unknown = Object.hasOwn(at, 'constructor') ? (at.constructor as { readonly name?: unknown }).name : '';
    if (typeof name === 'string' && Object.hasOwn(errorTypes, name)) return name;
  }
  return undefined;
}

function propertiesOf(thrown: object, causes: number): CarriedProperty[] {
  const properties = new Map<string, CarriedProperty>();
  const chain: object[] = [];
  for (let at: unknown = thrown; typeof at === 'object' && at !== null; at = Object.getPrototypeOf(at)) chain.push(at);
  for (const holder of chain.reverse()) {
    for (const key of Object.getOwnPropertyNames(holder)) {
      if (key === '__proto__' || key === 'constructor') continue;
      const value = carryProperty(thrown, key, causes);
      if (value === undefined) continue;
      const enumerable = Object.prototype.propertyIsEnumerable.call(holder, key);
      properties.set(key, { key, value, enumerable });
    }
  }
  return [...properties.values()];
}

function carryProperty(thrown: object, key: string, causes: number): CarriedThrown | undefined {
  try {
    const value: unknown = Reflect.get(thrown, key);
    if (key === 'cause') return causes < maximumCauses ? carryThrown(value, causes + 1) : undefined;
    if (typeof value === 'function' || typeof value === 'symbol') return undefined;
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
    case 'error': {
      const made = new (errorTypes[carried.constructor] ?? Error)();
      for (const { key, value, enumerable } of carried.properties)
        Object.defineProperty(made, key, { value: revive(value), enumerable, writable: true, configurable: true });
      return made;
    }
  }
}
