/*
 * The specification's conversions, each of which may run user code once. They throw what the built-ins throw.
 */

/** ToNumber. */
export function toNumber(value: unknown): number {
  return typeof value === 'number' ? value : +(value as string);
}

/** ToIntegerOrInfinity. */
export function toIntegerOrInfinity(value: unknown): number {
  const integer = Math.trunc(toNumber(value));
  return integer === integer ? integer + 0 : 0;
}

/** ToBigInt, which unlike `BigInt()` refuses numbers. */
export function toBigInt(value: unknown): bigint {
  return typeof value === 'bigint' ? value : BigInt.asIntN(Number.MAX_SAFE_INTEGER, value as bigint);
}

/** ToPropertyKey. */
export function toPropertyKey(value: unknown): PropertyKey {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'symbol') return value;
  return Reflect.ownKeys({ [value as string]: 0 })[0] ?? '';
}

/**
 * The element that a property key means: an integer from 0, or -1 if it is not an array index. The caller must still check
 * whether the array is that long.
 */
export function elementIndex(key: PropertyKey): number {
  if (typeof key === 'number') return key >= 0 && Number.isSafeInteger(key) ? key + 0 : -1;
  if (typeof key === 'symbol') return -1;
  const index = Number(key);
  return index >= 0 && Number.isSafeInteger(index) && String(index) === key ? index + 0 : -1;
}

/** A value that makes a buffer grow when it is converted to `value`, to find out when V8 reads the length of an array. */
export function growsTo(buffer: SharedArrayBuffer, byteLength: number, value: number): number {
  const growing = {
    valueOf: () => {
      buffer.grow(byteLength);
      return value;
    },
  };
  return growing as unknown as number;
}
