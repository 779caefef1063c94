import { deserialize, serialize } from 'node:v8';

/** Carries a plan, whose parameters may be any structured-cloneable values, through a line of JSON. */
export function encodeValue(value: unknown): string {
  return serialize(value).toString('base64');
}

/** The inverse of `encodeValue`. */
export function decodeValue(text: string): unknown {
  return deserialize(Buffer.from(text, 'base64')) as unknown;
}
