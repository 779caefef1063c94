/** Records something that happened. */
export type Log = (value: unknown) => void;

/** What a body did, and its result, in a form that can be compared. */
export function seenOf(body: (log: Log) => unknown): { readonly result: unknown; readonly log: readonly unknown[] } {
  const log: unknown[] = [];
  let result: unknown;
  try {
    result = body((value) => log.push(value));
  } catch (error) {
    result = error instanceof Error ? `${error.name}: ${error.message}` : error;
  }
  if (ArrayBuffer.isView(result) && !(result instanceof DataView))
    result = [Reflect.get(result, Symbol.toStringTag), Object.values(result).map(String)];
  return { result: typeof result === 'bigint' ? String(result) : result, log };
}
