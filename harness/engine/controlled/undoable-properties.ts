const { apply, get, ownKeys } = Reflect;
const { getOwnPropertyDescriptor } = Object;

/** The definition of a property, in a form that can be taken back. */
function undoable(target: object, key: PropertyKey, descriptor: PropertyDescriptor): PropertyDescriptor {
  const isForGood = getOwnPropertyDescriptor(target, key)?.configurable === false;
  if (isForGood || get(descriptor, 'configurable') === true) return descriptor;
  return { __proto__: descriptor, configurable: true } as PropertyDescriptor;
}

const isObject = (value: unknown): value is object =>
  (typeof value === 'object' && value !== null) || typeof value === 'function';

/**
 * Makes properties that the program adds to built-in objects configurable, whatever it asks for: others could not be taken away
 * again before the next execution, which would then find half of what this one has left.
 *
 * @param isGuarded whether an object is one that outlives executions
 * @returns undoes it
 */
export function keepPropertiesUndoable(isGuarded: (target: object) => boolean): () => void {
  const real = {
    one: getOwnPropertyDescriptor(Object, 'defineProperty')!,
    all: getOwnPropertyDescriptor(Object, 'defineProperties')!,
    reflected: getOwnPropertyDescriptor(Reflect, 'defineProperty')!,
  };
  type Define = (target: object, key: PropertyKey, descriptor: PropertyDescriptor) => unknown;
  const definer = (define: Define): object => ({
    defineProperty(target: object, key: PropertyKey, descriptor: PropertyDescriptor): unknown {
      const isForLong = isObject(target) && isObject(descriptor) && isGuarded(target);
      return define(target, key, isForLong ? undoable(target, key, descriptor) : descriptor);
    },
  });
  const ofObject = definer(real.one.value as Define);
  const ofReflect = definer(real.reflected.value as Define);
  const ofAll = {
    defineProperties(target: object, properties: object): unknown {
      if (!isObject(target) || !isObject(properties) || !isGuarded(target))
        return apply(real.all.value as () => unknown, Object, [target, properties]);
      const definitions = { __proto__: null } as unknown as Record<PropertyKey, PropertyDescriptor>;
      for (const key of ownKeys(properties)) {
        if (getOwnPropertyDescriptor(properties, key)?.enumerable !== true) continue;
        const given: unknown = get(properties, key);
        definitions[key] = isObject(given) ? undoable(target, key, given) : (given as never);
      }
      return apply(real.all.value as () => unknown, Object, [target, definitions]);
    },
  };
  const replace = (holder: object, name: string, value: unknown, descriptor: PropertyDescriptor): void => {
    Object.defineProperty(holder, name, { ...descriptor, value });
  };
  replace(Object, 'defineProperty', get(ofObject, 'defineProperty'), real.one);
  replace(Object, 'defineProperties', get(ofAll, 'defineProperties'), real.all);
  replace(Reflect, 'defineProperty', get(ofReflect, 'defineProperty'), real.reflected);
  return () => {
    Reflect.defineProperty(Object, 'defineProperty', real.one);
    Reflect.defineProperty(Object, 'defineProperties', real.all);
    Reflect.defineProperty(Reflect, 'defineProperty', real.reflected);
  };
}
