import { isDeepStrictEqual } from 'node:util';
import { decodePayload, encodePayload } from '../primitives/payload.js';

/**
 * Whether two values are equal as data: primitives by `Object.is`, everything else by its content, as Python's `==` compares
 * lists and data classes.
 */
export function areEqualAsData(first: unknown, second: unknown): boolean {
  return isDeepStrictEqual(first, second);
}

/**
 * A test for equality with `target` in its current state, and with its copy on another agent. Later changes of `target` do not
 * matter, and neither does its class, which copying removes.
 *
 * @throws UncloneablePayload if `target` cannot be copied: no value from shared memory would ever equal it
 */
export function equalTo(target: unknown): (value: unknown) => boolean {
  const isPrimitive = typeof target !== 'object' && typeof target !== 'function';
  const copy = isPrimitive ? target : decodePayload(encodePayload(target));
  return (value) => areEqualAsData(value, copy);
}
