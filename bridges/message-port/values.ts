import { inspect } from 'node:util';
import { UncloneablePayload } from '../primitives/payload.js';

/**
 * A copy of the value, as the other agent would receive it.
 *
 * @throws UncloneablePayload if the value, or something in it, cannot be copied
 */
export function copyOf<Value>(value: Value): Value {
  try {
    return structuredClone(value);
  } catch (error) {
    throw uncloneable('The value', error);
  }
}

/** Whether the value, and all that is in it, can be copied to another agent. */
export function isCloneable(value: unknown): boolean {
  try {
    structuredClone(value);
    return true;
  } catch {
    return false;
  }
}

/** The error for what cannot be copied; `what` begins its message. */
export function uncloneable(what: string, cause: unknown): UncloneablePayload {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new UncloneablePayload(`${what} cannot be sent to another agent: ${reason}`, { cause });
}

/** A short form for error messages. */
export function inWords(value: unknown): string {
  return inspect(value, { depth: 2, breakLength: Infinity, maxStringLength: 100, maxArrayLength: 10 });
}
