/** From this size on, copying a store to the workers is reported. */
export const largeStoreMiB = 1;

const bytesPerMiB = 1024 * 1024;
/** The maximum number of objects and strings that are visited; the rest of a larger store is assumed to be similar. */
const maximumVisited = 100_000;
/** A number, a reference, a key: about what each takes. */
const wordBytes = 8;

/** The cost of copying a store to a worker once. */
export interface StoreCopy {
  readonly mebibytes: number;
  /** As measured once, in real time. */
  readonly durationMs: number;
}

/** The entries of an object that structured cloning copies; of a buffer, none. */
function entriesOf(value: object): readonly unknown[] {
  if (ArrayBuffer.isView(value)) return [value.buffer];
  if (value instanceof Map) return [...value].flat();
  if (value instanceof Set) return [...value];
  if (Array.isArray(value)) return value;
  return value instanceof ArrayBuffer || value instanceof SharedArrayBuffer ? [] : Object.values(value);
}

/** About how many bytes structured cloning copies of a value: everything except the contents of SharedArrayBuffers. */
export function copiedBytes(value: unknown): number {
  const seen = new Set<object>();
  const pending: unknown[] = [value];
  let bytes = 0;
  for (let visited = 0; pending.length > 0; visited++) {
    if (visited >= maximumVisited) return bytes * ((visited + pending.length) / visited);
    const next = pending.pop();
    bytes += wordBytes;
    if (typeof next === 'string') bytes += next.length;
    if (typeof next !== 'object' || next === null || seen.has(next)) continue;
    seen.add(next);
    if (next instanceof ArrayBuffer) bytes += next.byteLength;
    for (const entry of entriesOf(next)) pending.push(entry);
  }
  return bytes;
}

/** Copies a store once, to measure the cost. Returns null if the cost is small. Throws if the store cannot be cloned. */
export function measureStoreCopy(store: unknown): StoreCopy | null {
  const startedAtMs = performance.now();
  structuredClone(store);
  const durationMs = performance.now() - startedAtMs;
  const mebibytes = copiedBytes(store) / bytesPerMiB;
  return mebibytes < largeStoreMiB ? null : { mebibytes, durationMs };
}

/**
 * The note about a large store.
 *
 * @param writers the most writers there may be: each gets a copy
 */
export function describeStoreCopy({ mebibytes, durationMs }: StoreCopy, writers: number): string {
  const size = Math.round(mebibytes).toLocaleString('en');
  const totalMs = Math.max(1, Math.round(durationMs * writers)).toLocaleString('en');
  const whom = writers === 1 ? 'the writer' : `each of ${writers} writers`;
  return `each execution copies ${size} MiB of the store to ${whom}, which takes about ${totalMs} ms: put this data in a SharedArrayBuffer, which is not copied, make it smaller, or create it in the writers`;
}
