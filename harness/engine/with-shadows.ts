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
        method = value.bind(real) as unknown;
        bound.set(key, method);
      }
      return method;
    },
  });
}
