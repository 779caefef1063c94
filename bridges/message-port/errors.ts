import { types } from 'node:util';
import { inWords, isCloneable } from './values.js';

/** The connection to the other agent has ended: it was closed, on either side, or the other agent has died. */
export class PortClosed extends Error {
  override readonly name = 'PortClosed';
}

/** The other side takes no more values at once, and the caller did not want to wait. Nothing was sent. */
export class MailboxFull extends Error {
  override readonly name = 'MailboxFull';
}

/**
 * The value was sent, and no answer came before the timeout. It may have been handled, or may still be. The other side was asked
 * not to begin with it, or to give up if it has begun, but only an answer could say which of them happened.
 */
export class Unacknowledged extends Error {
  override readonly name = 'Unacknowledged';
}

/**
 * What went wrong on another agent. It has the name, the message and the stack of the error that was thrown there, its `code`
 * if there was one, its `cause`, and the `errors` of an AggregateError, each again as such an error. Other own properties of
 * the error are in `details`, as far as they can be copied.
 */
export class RemoteError extends Error {
  override readonly name: string;
  /** The `code` of the error, which many of Node's errors have. */
  readonly code: string | number | undefined;
  /** The `errors` of an AggregateError. */
  readonly errors: readonly unknown[] | undefined;
  readonly details: Readonly<Record<string, unknown>>;

  constructor({ name, message, stack, code, cause, errors, details }: PlainError) {
    super(message, cause === undefined ? undefined : { cause: unpack(cause) });
    this.name = name;
    this.code = code;
    this.errors = errors?.map(unpack);
    this.details = details;
    if (stack !== undefined) this.stack = stack;
  }
}

/** An error in the form in which it is sent. Structured cloning would lose its code and a custom name. */
export interface PlainError {
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  readonly code: string | number | undefined;
  readonly cause: Packed | undefined;
  readonly errors: readonly Packed[] | undefined;
  readonly details: Readonly<Record<string, unknown>>;
}

type Packed = { readonly error: PlainError } | { readonly value: unknown };

/** The maximum depth of causes that are sent: an error may be its own cause. */
const depthMaximum = 8;

/** Turns any thrown value into something that can be posted. */
export function encodeError(thrown: unknown, depth = 0): PlainError {
  if (!isError(thrown)) {
    const error = new Error(`The thrown value is not an error: ${inWords(thrown)}.`, { cause: thrown });
    return encodeError(error, depth);
  }
  // These properties may hold any value.
  const { name, message, stack, cause, code, errors } = thrown as Partial<Record<keyof PlainError, unknown>>;
  return {
    name: typeof name === 'string' ? name : 'Error',
    message: typeof message === 'string' ? message : inWords(message),
    stack: typeof stack === 'string' ? stack : undefined,
    code: typeof code === 'string' || typeof code === 'number' ? code : undefined,
    cause: cause === undefined || depth >= depthMaximum ? undefined : pack(cause, depth + 1),
    errors: Array.isArray(errors) && depth < depthMaximum ? errors.map((error) => pack(error, depth + 1)) : undefined,
    details: detailsOf(thrown),
  };
}

function detailsOf(error: Error): Record<string, unknown> {
  try {
    return Object.fromEntries(Object.entries(error).filter(([key, value]) => !named.has(key) && isCloneable(value)));
  } catch {
    // The property cannot even be read.
    return {};
  }
}

/** Properties of errors that are sent separately. */
const named = new Set(['name', 'message', 'stack', 'cause', 'code', 'errors', 'details']);

/** Whether it was thrown because a value cannot be cloned. */
export function isCloneError(error: unknown): error is Error {
  return isError(error) && error.name === 'DataCloneError';
}

/** Errors of other realms are errors too. */
export function isError(value: unknown): value is Error {
  return value instanceof Error || types.isNativeError(value);
}

function pack(value: unknown, depth: number): Packed {
  if (isError(value)) return { error: encodeError(value, depth) };
  return { value: isCloneable(value) ? value : inWords(value) };
}

function unpack(packed: Packed): unknown {
  return 'error' in packed ? new RemoteError(packed.error) : packed.value;
}
