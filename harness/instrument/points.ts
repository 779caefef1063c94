/** A view whose accesses the instrumentation reports. */
export type View = NodeJS.TypedArray | DataView;

/** The views that Atomics.wait, waitAsync and notify accept. */
export type WaitableView = Int32Array | BigInt64Array;

/**
 * What instrumented code needs from the engine. The shadows (element accesses, Atomics, typed-array and DataView methods) turn
 * each visible operation into: coerce the arguments, `point`, do it, `record`. Between the last three, nothing can switch
 * agents.
 */
export interface Points {
  /** False outside executions and inside invariants: then every shadow behaves like the original and reports nothing. */
  live: boolean;
  /**
   * Instrumented code, which gets this object from `createElementRuntime` as `$threadmill`, is about to make a call that may be
   * one of a shadow, or of anything else.
   *
   * @param whose the object whose method is called; or the function, if it is called by its own name
   * @param name the method's; empty for a function
   */
  at(site: number, whose: unknown, name: string): void;
  /**
   * Where the calling shadow was called, 0 if unknown. It is never the place of another call: an announcement counts only if it
   * was made for this function or for this method of this object, and only once.
   *
   * @param self what the shadow was called on
   * @param name its name as a method
   * @param callee the shadow itself, as the program sees it
   */
  placeOf(self: unknown, name: string, callee?: unknown): number;
  /** Called just before a visible operation: the turn may go elsewhere and come back before this returns. */
  point(site: number): void;
  /**
   * Records the operation just done.
   *
   * @param operation its code, from `operationCodes`
   * @param view the view that was used; its buffer is shared
   * @param byteOffset within the view
   * @param value the value read or written (for read-modify-write operations: the previous value)
   * @param changed whether the memory changed
   */
  record(
    operation: number,
    site: number,
    view: View,
    byteOffset: number,
    value: number | bigint,
    changed: boolean,
  ): void;
  /** Atomics.wait with its arguments already validated and coerced; includes point and record. `timeoutMs` may be Infinity. */
  wait(
    site: number,
    view: WaitableView,
    index: number,
    value: number | bigint,
    timeoutMs: number,
  ): 'ok' | 'not-equal' | 'timed-out';
  /** Atomics.waitAsync, likewise. */
  waitAsync(
    site: number,
    view: WaitableView,
    index: number,
    value: number | bigint,
    timeoutMs: number,
  ): { async: false; value: 'not-equal' | 'timed-out' } | { async: true; value: Promise<'ok' | 'timed-out'> };
  /** Atomics.notify on a shared view, likewise. `count` may be Infinity. Returns how many were woken. */
  notify(site: number, view: WaitableView, index: number, count: number): number;
}
