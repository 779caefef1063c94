const longestText = 160;

/** A text that two values share exactly if they are equal as data: same shape, same leaves, in any field order. */
export function keyOf(value: unknown): string {
  return spell(value, []);
}

/** Whether two values are equal as data. */
export function areEqual(first: unknown, second: unknown): boolean {
  return Object.is(first, second) || keyOf(first) === keyOf(second);
}

/** A value as shown in a sentence. */
export function inWords(value: unknown): string {
  const text = spell(value, []);
  return text.length <= longestText ? text : `${text.slice(0, longestText)}...`;
}

/** `1 write`, `2 writes`. */
export function numbered(count: number | bigint, noun: string): string {
  return `${count.toString()} ${noun}${count === 1 || count === 1n ? '' : 's'}`;
}

function spell(value: unknown, parents: readonly object[]): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'bigint') return `${value.toString()}n`;
  // -0 counts as 0.
  if (typeof value === 'number') return String(value);
  if (typeof value !== 'object' || value === null) return String(value);
  if (parents.includes(value)) return '[circular]';
  const inside = [...parents, value];
  const spellAll = (values: Iterable<unknown>): string =>
    Array.from(values, (inner) => spell(inner, inside)).join(', ');
  if (Array.isArray(value)) return `[${spellAll(value)}]`;
  if (value instanceof Date) return `Date(${value.getTime()})`;
  if (value instanceof RegExp) return String(value);
  if (value instanceof Map) {
    const entries = Array.from(value, ([key, inner]) => `${spell(key, inside)} => ${spell(inner, inside)}`);
    return `Map {${entries.sort().join(', ')}}`;
  }
  if (value instanceof Set)
    return `Set {${Array.from(value, (inner) => spell(inner, inside))
      .sort()
      .join(', ')}}`;
  if (value instanceof Error) return `${value.name}(${JSON.stringify(value.message)})`;
  if (value instanceof DataView)
    return `DataView [${spellAll(bytesOf(value.buffer, value.byteOffset, value.byteLength))}]`;
  if (value instanceof ArrayBuffer || value instanceof SharedArrayBuffer) {
    return `ArrayBuffer [${spellAll(bytesOf(value, 0, value.byteLength))}]`;
  }
  if (ArrayBuffer.isView(value))
    return `${value.constructor.name} [${spellAll(value as unknown as Iterable<unknown>)}]`;
  const fields = Object.entries(value).sort(([first], [second]) => (first < second ? -1 : 1));
  return `{${fields.map(([name, inner]) => `${spellName(name)}: ${spell(inner, inside)}`).join(', ')}}`;
}

function spellName(name: string): string {
  return /^[\w$]+$/.test(name) ? name : JSON.stringify(name);
}

function bytesOf(buffer: ArrayBufferLike, offset: number, length: number): Uint8Array {
  return new Uint8Array(buffer, offset, length);
}
