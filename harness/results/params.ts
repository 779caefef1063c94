import { Buffer } from 'node:buffer';
import { isDeepStrictEqual } from 'node:util';
import { deserialize, serialize } from 'node:v8';
import { UsageError } from '../errors.js';
import { beyondBounds } from './value-bounds.js';

const structuredCloneKey = '$structuredClone';

/**
 * Makes drawn parameters fit for a JSON file. A value that comes back from JSON unchanged is kept as it is; any
 * other (a bigint, a Map, NaN, a typed array ...) becomes `{ "$structuredClone": base64 }`.
 */
export function encodeParams(params: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return mapValues(params, encodeValue);
}

/**
 * The inverse of `encodeParams`.
 *
 * @throws UsageError if one cannot be decoded, or exceeds `valueLimits`
 */
export function decodeParams(encoded: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return mapValues(encoded, decodeValue);
}

function encodeValue(value: unknown, name: string): unknown {
  try {
    // Agents receive a structured clone too: what cloning drops (such as a null prototype) need not be kept.
    const cloned: unknown = structuredClone(value);
    if (survivesJson(cloned) && !isEncoded(cloned)) return cloned;
    return { [structuredCloneKey]: serialize(cloned).toString('base64') };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError(
      `The parameter "${name}" cannot be saved: ${reason}. Parameters must be values that structured cloning copies.`,
      { cause: error },
    );
  }
}

function decodeValue(encoded: unknown, name: string): unknown {
  let decoded = encoded;
  if (isEncoded(encoded)) {
    try {
      decoded = deserialize(Buffer.from(encoded[structuredCloneKey], 'base64'));
    } catch (error) {
      throw new UsageError(`The saved parameter "${name}" is damaged: its "${structuredCloneKey}" cannot be decoded.`, {
        cause: error,
      });
    }
  }
  const beyond = beyondBounds(decoded);
  if (beyond !== undefined) throw new UsageError(`The saved parameter "${name}" ${beyond}.`);
  return decoded;
}

function survivesJson(value: unknown): boolean {
  try {
    // `undefined` at the top level has no JSON text, although the types say otherwise.
    const text = JSON.stringify(value) as string | undefined;
    return text !== undefined && isDeepStrictEqual(JSON.parse(text), value);
  } catch {
    return false;
  }
}

function isEncoded(value: unknown): value is { [structuredCloneKey]: string } {
  if (typeof value !== 'object' || value === null) return false;
  const entries = Object.entries(value);
  return entries.length === 1 && entries[0]?.[0] === structuredCloneKey && typeof entries[0][1] === 'string';
}

function mapValues(
  values: Readonly<Record<string, unknown>>,
  change: (value: unknown, name: string) => unknown,
): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, change(value, name)]));
}
