import { isDeepStrictEqual } from 'node:util';
import { decodePayload, encodePayload } from '../primitives/payload.js';

/**
 * Whether two values are equal as data: primitives as `Object.is` has it, everything else by what is in it, as Python's
 * `==` compares lists and data classes.
 */
export function areEqualAsData(first: unknown, second: unknown): boolean {
  return isDeepStrictEqual(first, second);
}

/**
 * A test for being equal to `target`, as `target` is now and as a copy of it would be on another agent: what changes in
 * it later does not matter, and neither does its class, which copying takes away.
 *
 * @throws UncloneablePayload if `target` cannot be copied: no value that went through shared memory would ever equal it
 */
export function equalTo(target: unknown): (value: unknown) => boolean {
  const isPrimitive = typeof target !== 'object' && typeof target !== 'function';
  const copy = isPrimitive ? target : decodePayload(encodePayload(target));
  return (value) => areEqualAsData(value, copy);
}
