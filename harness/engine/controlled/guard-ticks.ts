type AnyFunction = (this: unknown, ...values: unknown[]) => unknown;

/**
 * Keeps what callbacks of `process.nextTick` throw from leaving them. Node runs these callbacks in a context that it only takes off
 * its stack when they return. If something else than Node's own handler of uncaught exceptions catches what they throw, the context
 * stays, and Node aborts the process when it finds it later.
 *
 * @param isGuarded asked when a callback is queued
 * @param fail receives what a callback threw, the unwinding signal included. Must not throw
 * @returns undoes it
 */
export function guardTicks(isGuarded: () => boolean, fail: (error: unknown) => void): () => void {
  const real = Object.getOwnPropertyDescriptor(process, 'nextTick') ?? {};
  const nextTick = process.nextTick.bind(process);
  const guarded = (callback: AnyFunction, values: unknown[]): void => {
    try {
      Reflect.apply(callback, undefined, values);
    } catch (error) {
      fail(error);
    }
  };
  process.nextTick = (callback: unknown, ...values: unknown[]): void => {
    if (typeof callback === 'function' && isGuarded()) nextTick(guarded, callback, values);
    else nextTick(callback as () => void, ...values);
  };
  return () => {
    Object.defineProperty(process, 'nextTick', real);
  };
}
