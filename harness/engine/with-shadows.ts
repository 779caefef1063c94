/** A method that is always called on `real`. What it has besides, as `process.hrtime` has `bigint`, it keeps. */
function methodOf(real: object, method: object): unknown {
  const bound = Function.prototype.bind.call(method as () => unknown, real) as object;
  for (const key of Reflect.ownKeys(method)) {
    const property = Object.getOwnPropertyDescriptor(method, key);
    if (property !== undefined && !Object.hasOwn(bound, key)) Object.defineProperty(bound, key, property);
  }
  return bound;
}

/** Returns `target` with some of its properties taken from `shadows`; methods are still called on the real object. */
export function withShadows<Target extends object>(
  target: Target,
  shadows: Readonly<Record<PropertyKey, unknown>>,
): Target {
  const bound = new Map<PropertyKey, unknown>();
  return new Proxy(target, {
    get: (real, key) => {
      if (Object.hasOwn(shadows, key)) return shadows[key];
      const value: unknown = Reflect.get(real, key, real);
      if (typeof value !== 'function') return value;
      let method = bound.get(key);
      if (method === undefined) {
        method = methodOf(real, value);
        bound.set(key, method);
      }
      return method;
    },
  });
}
