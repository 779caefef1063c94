/** A view whose accesses the instrumentation reports. */
export type View = NodeJS.TypedArray | DataView;

/** The views that Atomics.wait, waitAsync and notify accept. */
export type WaitableView = Int32Array | BigInt64Array;

/**
 * What instrumented code needs from the engine. The shadows (element accesses, Atomics, typed-array and DataView
 * methods) turn each visible operation into: coerce the arguments, `point`, do it, `record`; nothing that can switch
 * agents stands between the last three.
 */
export interface Points {
  /** False outside executions and inside invariants: then every shadow behaves as the bare thing and reports nothing. */
  live: boolean;
  /**
   * The site of the call of `Atomics` that is about to be made; set by instrumented code just before the call, as
   * `$threadmill.site`: `createElementRuntime` makes this very object what the code knows by that name. Keep it a plain
   * data property. Whatever is called takes it back to 0.
   */
  site: number;
  /**
   * Instrumented code is about to make a call that may be one of a shadow, and may as well be one of anything else.
   *
   * @param whose the object whose method is called; or the function, where it is called by a name of its own
   * @param name the method's; empty for a function
   */
  at(site: number, whose: unknown, name: string): void;
  /**
   * Where the shadow that asks was called, 0 if that is not known. It is never the place of another call: what was
   * announced counts if it was announced of this function or of this method of this object, and only once.
   *
   * @param self what the shadow was called on
   * @param name by which it is called as a method
   * @param callee the shadow itself, as the program knows it
   */
  placeOf(self: unknown, name: string, callee?: unknown): number;
  /** The instant before a visible operation: the turn may go elsewhere and come back before this returns. */
  point(site: number): void;
  /**
   * Notes the operation just done.
   *
   * @param operation its code, from `operationCodes`
   * @param view through which view; its buffer is shared
   * @param byteOffset within the view
   * @param value what was read, or written (for read-modify-write operations: what was there before)
   * @param changed whether the memory differs from before
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
