/** Bounds on values that come from files: everything that handles values goes through them by recursion, or one by one. */
export const valueLimits = {
  /** Lists and objects within each other. */
  nesting: 1_000,
  /** Values in one parameter; the places of a list that nothing is at count as well. */
  count: 1_000_000,
} as const;

/**
 * What is wrong with a value's size, as the rest of a sentence; undefined if nothing is.
 *
 * @param value plain data, or what structured cloning makes
 */
export function beyondBounds(
  value: unknown,
  { nesting, count }: { readonly nesting: number; readonly count: number } = valueLimits,
): string | undefined {
  const seen = new Set<object>();
  let level: Iterable<unknown>[] = [[value]];
  let found = 0;
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > nesting + 1) return `holds lists or objects that are nested more than ${limitText(nesting)} deep`;
    const next: Iterable<unknown>[] = [];
    for (const values of level) {
      for (const one of values) {
        found++;
        if (typeof one !== 'object' || one === null || seen.has(one)) continue;
        seen.add(one);
        if (Array.isArray(one)) found += one.length;
        if (found > count) return `holds more than ${limitText(count)} values`;
        next.push(valuesWithin(one));
      }
    }
    level = next;
  }
  return found > count ? `holds more than ${limitText(count)} values` : undefined;
}

function valuesWithin(value: object): Iterable<unknown> {
  // The numbers in a buffer are no values of their own, and the file's size bounds them.
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return [];
  if (value instanceof Map) return [...(value as Map<unknown, unknown>)].flat();
  if (value instanceof Set) return value as Set<unknown>;
  return Object.values(value) as unknown[];
}

const limitText = (limit: number): string => limit.toLocaleString('en-US');
