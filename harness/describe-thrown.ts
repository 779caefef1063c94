import { inspect, types } from 'node:util';

/** A description of what was thrown or rejected. */
export interface ThrownText {
  /** The error's own name, such as `TypeError`; for a value that is not an error, its type, including `null` and `undefined`. */
  readonly name: string;
  /** The error's own message; a value that is not an error, as source code would write it; empty if there is nothing to add. */
  readonly message: string;
  /** Positions are those of the bundle. Undefined for a value that is not an error. */
  readonly stack: string | undefined;
  readonly isError: boolean;
}

const shown = { breakLength: Infinity, compact: true, customInspect: false, depth: 2, maxArrayLength: 20 } as const;

/**
 * Describes any value that a program throws. Never throws, although inspecting such a value may run the program's code, such
 * as an accessor or a trap of a proxy.
 */
export function describeThrown(thrown: unknown): ThrownText {
  if (isInstance(thrown, Error) || types.isNativeError(thrown)) {
    const name = textOf(thrown, 'name') ?? 'Error';
    return { name, message: textOf(thrown, 'message') ?? '', stack: textOf(thrown, 'stack'), isError: true };
  }
  if (thrown === null || thrown === undefined) {
    return { name: String(thrown), message: '', stack: undefined, isError: false };
  }
  const message = typeof thrown === 'string' ? thrown : attempt(() => inspect(thrown, shown));
  return { name: typeof thrown, message: message ?? 'which cannot be shown', stack: undefined, isError: false };
}

/** Such as `TypeError: broken`, `string thrown: words` or `null thrown`. */
export function thrownMessage({ name, message, isError }: ThrownText): string {
  return withDetail(isError ? name : `${name} thrown`, message);
}

/** Such as `unhandled rejection of TypeError: broken`. */
export function rejectionMessage({ name, message }: ThrownText): string {
  return withDetail(`unhandled rejection of ${name}`, message);
}

/** `instanceof`, for values that may be proxies whose traps throw. */
export function isInstance<Type>(
  value: unknown,
  constructor: abstract new (...values: never[]) => Type,
): value is Type {
  return attempt(() => value instanceof constructor) ?? false;
}

const withDetail = (what: string, detail: string): string => (detail === '' ? what : `${what}: ${detail}`);

function textOf(value: object, key: string): string | undefined {
  const text = attempt(() => Reflect.get(value, key) as unknown);
  return typeof text === 'string' ? text : undefined;
}

function attempt<Result>(look: () => Result): Result | undefined {
  try {
    return look();
  } catch {
    return undefined;
  }
}
