/** Bounds on values that come from files: code that handles values visits them recursively, or one by one. */
export const valueLimits = {
  /** Levels of nested lists and objects. */
  nesting: 1_000,
  /** Values in one parameter; empty places of a list count as well. */
  count: 1_000_000,
} as const;

/**
 * What is wrong with a value's size, as the rest of a sentence; undefined if nothing is.
 *
 * @param value plain data, or a result of structured cloning
 */
export function beyondBounds(
  value: unknown,
  { nesting, count }: { readonly nesting: number; readonly count: number } = valueLimits,
): string | undefined {
  const seen = new Set<object>();
  let found = 1;
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth++) {
    const next: unknown[] = [];
    for (const one of level) {
      if (typeof one !== 'object' || one === null || seen.has(one)) continue;
      if (depth === nesting) return `has lists or objects nested more than ${limitText(nesting)} levels deep`;
      seen.add(one);
      const values = valuesWithin(one);
      found += Array.isArray(one) ? one.length : values.length;
      if (found > count) return `has more than ${limitText(count)} values`;
      for (const inner of values) if (typeof inner === 'object') next.push(inner);
    }
    level = next;
  }
  return undefined;
}

function valuesWithin(value: object): unknown[] {
  // The numbers in a buffer are not separate values, and the file's size limits them.
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return [];
  if (value instanceof Map) return [...(value as Map<unknown, unknown>)].flat();
  if (value instanceof Set) return [...(value as Set<unknown>)];
  return Object.values(value);
}

const limitText = (limit: number): string => limit.toLocaleString('en-US');
