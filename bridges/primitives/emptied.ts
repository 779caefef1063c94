import { BlockList, SocketAddress } from 'node:net';
import { Serializer } from 'node:v8';

/** What `postMessage` sends by other means than its properties, of which it has none that count. */
const classes: readonly (abstract new (...values: never[]) => object)[] = [
  Blob,
  ReadableStream,
  WritableStream,
  TransformStream,
  BlockList,
  SocketAddress,
];

/** From version 22 on Node serializes these as the empty objects that they look like; before, it refuses them. */
const areEmptied = ((): boolean => {
  try {
    new Serializer().writeValue(new Blob([]));
    return true;
  } catch {
    return false;
  }
})();

/**
 * Finds something in a value that would come out of a `Serializer` as an empty object, such as a Blob. Accessors are not
 * called, so what they would give is not seen.
 *
 * @returns the name of its class; undefined if there is no such thing
 */
export function findEmptied(value: unknown): string | undefined {
  if (!areEmptied || typeof value !== 'object' || value === null) return undefined;
  const seen = new Set<object>([value]);
  const add = (part: unknown): void => {
    if (typeof part === 'object' && part !== null) seen.add(part);
  };
  // Iterating over a set includes items that are added during the iteration.
  for (const object of seen) {
    const found = classes.find((known) => object instanceof known);
    if (found !== undefined) return found.name;
    if (ArrayBuffer.isView(object)) continue;
    if (object instanceof Map) for (const entry of object) entry.forEach(add);
    if (object instanceof Set) object.forEach(add);
    for (const key of Object.keys(object)) add(Reflect.getOwnPropertyDescriptor(object, key)?.value);
  }
  return undefined;
}
