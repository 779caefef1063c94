/** A write to a record table as it was recorded: `history.write({ key, payload })`, or at least its key. */
export interface RecordWrite {
  readonly key: number;
  readonly payload: readonly unknown[] | undefined;
}

/** Reads a recorded write value as a write to a record table; `undefined` if it does not name its key. */
export function asRecordWrite(value: unknown): RecordWrite | undefined {
  if (typeof value !== 'object' || value === null || !('key' in value) || typeof value.key !== 'number')
    return undefined;
  const payload: unknown = 'payload' in value ? value.payload : undefined;
  return { key: value.key, payload: Array.isArray(payload) ? payload : undefined };
}
