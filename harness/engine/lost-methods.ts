/** The most objects of a store that are searched. */
const maximumObjects = 10_000;

/** Classes whose instances keep their methods when cloned, or have none of their own. */
const kept: ReadonlySet<object | null> = new Set<object | null>([
  null,
  Object.prototype,
  Array.prototype,
  ...[Map, Set, Date, RegExp, Boolean, Number, String, ArrayBuffer, SharedArrayBuffer, DataView, Error].map(
    (constructor) => constructor.prototype as object,
  ),
  Object.getPrototypeOf(Int8Array.prototype) as object,
]);

/**
 * Why something "is not a function" in a writer, if the reason is that the store was cloned: instances of classes arrive
 * without their methods. Examines the store as the scenario made it, and never runs its code.
 *
 * @param message the message of what was thrown
 * @returns such as `store.limiter is a copy made by structuredClone, which drops methods`; undefined if that is not the reason
 */
export function lostMethod(message: string, store: unknown): string | undefined {
  const called = /^TypeError: (?:.*[.?\s(])?([\p{ID_Start}$_][\p{ID_Continue}$]*) is not a function/u.exec(
    message,
  )?.[1];
  if (called === undefined) return undefined;
  const path = pathTo(store, (object) => hasMethod(object, called));
  return path === undefined
    ? undefined
    : `${path} is a copy made by structuredClone, which drops methods. Keep only data in the store, and create objects with methods in each run.`;
}

/** Whether an object inherits a method from a class of the program. */
function hasMethod(object: object, name: string): boolean {
  let prototype: unknown = Object.getPrototypeOf(object);
  while (typeof prototype === 'object' && prototype !== null && !kept.has(prototype)) {
    const value: unknown = Object.getOwnPropertyDescriptor(prototype, name)?.value;
    if (typeof value === 'function') return true;
    prototype = Object.getPrototypeOf(prototype);
  }
  return false;
}

/** Where in the store the first such object is, nearest first. */
function pathTo(store: unknown, isWanted: (object: object) => boolean): string | undefined {
  const waiting: [path: string, value: unknown][] = [['store', store]];
  const seen = new Set<object>();
  for (let next = 0; next < waiting.length && seen.size < maximumObjects; next++) {
    const [path, value] = waiting[next]!;
    if (typeof value !== 'object' || value === null || seen.has(value) || ArrayBuffer.isView(value)) continue;
    seen.add(value);
    if (isWanted(value)) return path;
    if (value instanceof Map) for (const [key, inner] of value) waiting.push([`${path}.get(${String(key)})`, inner]);
    else if (value instanceof Set) for (const inner of value) waiting.push([`an element of ${path}`, inner]);
    for (const [key, descriptor] of Object.entries(Object.getOwnPropertyDescriptors(value))) {
      const step = Array.isArray(value) ? `[${key}]` : `.${key}`;
      if ('value' in descriptor) waiting.push([path + step, descriptor.value]);
    }
  }
  return undefined;
}
