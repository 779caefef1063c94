import type { Operation } from './schema.js';

/** Of this many operations kept of a longer trace, how many are its first ones: causes come early, effects late. */
export function headLength(kept: number): number {
  return Math.floor(kept / 5);
}

/** A trace of at most this many operations: of a longer one, a fifth are its first operations, the rest its last. */
export function keepTrace(trace: readonly Operation[], kept: number): Operation[] {
  if (trace.length <= kept) return [...trace];
  const head = headLength(kept);
  return [...trace.slice(0, head), ...trace.slice(trace.length - (kept - head))];
}

/** Steps of an execution that are missing from its kept trace. */
export interface Gap {
  /** The place of the first operation after them; 0 if the beginning is missing. */
  readonly place: number;
  readonly steps: number;
}

const found = new WeakMap<readonly Operation[], readonly Gap[]>();

/** Where steps are missing, in order: each operation has the number after the one before it, or (in the history) the same. */
export function gapsOf(trace: readonly Operation[]): readonly Gap[] {
  let gaps = found.get(trace);
  if (gaps === undefined) {
    gaps = trace.flatMap(({ step }, place) => {
      const steps = step - (trace[place - 1]?.step ?? -1) - 1;
      return steps > 0 ? [{ place, steps }] : [];
    });
    found.set(trace, gaps);
  }
  return gaps;
}

/** The operation before, if it is known. */
export function previousOperation(trace: readonly Operation[], place: number): Operation | undefined {
  return gapsOf(trace).some((gap) => gap.place === place) ? undefined : trace[place - 1];
}
