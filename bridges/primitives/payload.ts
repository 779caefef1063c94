import { Deserializer, Serializer } from 'node:v8';

/** A value was given to a bridge that cannot be copied to another agent. Nothing was sent. */
export class UncloneablePayload extends TypeError {
  override readonly name = 'UncloneablePayload';
}

/**
 * The bytes of a value, as structured cloning makes them: what `postMessage` would send, but for what lives outside of
 * the JavaScript heap. SharedArrayBuffers, ports and other transferable objects cannot go through memory.
 *
 * @throws UncloneablePayload if the value, or something in it, is a function, a symbol or something else of that kind
 *
 * @example
 * const bytes = encodePayload({ key: 'a', at: new Date(0) });
 * const value = decodePayload(bytes);
 */
export function encodePayload(value: unknown): Uint8Array {
  const serializer = new Serializer();
  try {
    serializer.writeHeader();
    serializer.writeValue(value);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UncloneablePayload(`The payload cannot go to another agent: ${reason}`, { cause: error });
  }
  return serializer.releaseBuffer();
}

/** The value that `encodePayload` made these bytes of. They must not be in shared memory, and not change any more. */
export function decodePayload(bytes: Uint8Array): unknown {
  const deserializer = new Deserializer(bytes);
  deserializer.readHeader();
  return deserializer.readValue() as unknown;
}
