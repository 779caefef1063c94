type AnyFunction = (this: unknown, ...values: unknown[]) => unknown;

/** Counts the asynchronous calls of one agent's program that have begun but not ended. */
export class PendingCalls {
  #count = 0;

  get count(): number {
    return this.#count;
  }

  #begin(): () => void {
    let isOver = false;
    this.#count++;
    return () => {
      if (!isOver) this.#count--;
      isOver = true;
    };
  }

  /** The replacement of an asynchronous function: a call ends when its callback is called or, without one, its promise settles. */
  readonly counting = (call: AnyFunction): AnyFunction =>
    new Proxy(call, {
      apply: (real, target, values: unknown[]): unknown => {
        const callback: unknown = values.at(-1);
        if (typeof callback !== 'function') {
          const result = Reflect.apply(real, target, values);
          // Not `then`, which would count as handling a rejection.
          return result instanceof Promise ? result.finally(this.#begin()) : result;
        }
        const end = this.#begin();
        const listener = function (this: unknown, ...results: unknown[]): unknown {
          end();
          return Reflect.apply(callback, this, results);
        };
        try {
          return Reflect.apply(real, target, [...values.slice(0, -1), listener]);
        } catch (error) {
          end();
          throw error;
        }
      },
    });
}
