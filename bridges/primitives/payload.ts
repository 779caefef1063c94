import { Deserializer, Serializer } from 'node:v8';
import { findEmptied } from './emptied.js';

/** A value passed to a bridge cannot be copied to another agent. Nothing was sent. */
export class UncloneablePayload extends TypeError {
  override readonly name = 'UncloneablePayload';
}

/**
 * Encodes a value by structured cloning: what `postMessage` would send, except for what lives outside the JavaScript heap.
 * SharedArrayBuffers, ports and other transferable objects, Blobs and KeyObjects cannot go through memory. As with
 * `postMessage`, instances of classes become plain objects, and a view includes its whole ArrayBuffer: a small Buffer from
 * Node's pool takes 8 KiB, a copy of it (`new Uint8Array(buffer)`) only its own bytes.
 *
 * @throws UncloneablePayload if the value, or something in it, is a function, a symbol or something else of that kind
 *
 * @example
 * const bytes = encodePayload({ key: 'a', at: new Date(0) });
 * assert.deepEqual(decodePayload(bytes), { key: 'a', at: new Date(0) });
 * assert.throws(() => encodePayload({ callback: () => 1 }), UncloneablePayload);
 */
export function encodePayload(value: unknown): Uint8Array {
  const serializer = new Serializer();
  try {
    serializer.writeHeader();
    serializer.writeValue(value);
    const emptied = findEmptied(value);
    if (emptied !== undefined) throw new TypeError(`#<${emptied}> could not be cloned.`);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UncloneablePayload(`The payload cannot be sent to another agent: ${reason}`, { cause: error });
  }
  return serializer.releaseBuffer();
}

/**
 * Decodes bytes that `encodePayload` made.
 *
 * @throws TypeError if they are in shared memory, where they might change while being read: copy them first
 * @throws Error if `encodePayload` did not make them
 *
 * @example
 * const bytes = encodePayload(new Map([['a', 1n]]));
 * assert.deepEqual(decodePayload(bytes), new Map([['a', 1n]]));
 */
export function decodePayload(bytes: Uint8Array): unknown {
  if (bytes.buffer instanceof SharedArrayBuffer) {
    throw new TypeError('decodePayload() of bytes in shared memory, where they might change: copy them first.');
  }
  const deserializer = new Deserializer(bytes);
  deserializer.readHeader();
  return deserializer.readValue() as unknown;
}
