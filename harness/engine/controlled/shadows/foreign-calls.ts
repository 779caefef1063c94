type AnyFunction = (this: unknown, ...values: unknown[]) => unknown;

/**
 * Records the calls of the program under test that complete outside the schedule and that Node does not list among its active
 * resources: work for its thread pool. Their results never arrive during an execution, since the real event loop does not run,
 * so waiting for them is not a deadlock.
 */
export class ForeignCalls {
  readonly #names: string[] = [];

  /** The API that was called first in this execution; undefined if none was. */
  get first(): string | undefined {
    return this.#names[0];
  }

  reset(): void {
    this.#names.length = 0;
  }

  /** The function, with its calls recorded; on request only those with a callback. */
  noting(call: unknown, name: string, onlyWithCallback = false): unknown {
    if (typeof call !== 'function') return call;
    return new Proxy(call as AnyFunction, {
      apply: (real, target, values): unknown => {
        if (!onlyWithCallback || typeof values.at(-1) === 'function') this.#names.push(name);
        return Reflect.apply(real, target, values);
      },
    });
  }

  /** A module in which calls of functions that have a synchronous version, or that make a stream of that kind, are recorded. */
  notingModule(module: object, name: string): Record<string, unknown> {
    const exports: Record<string, unknown> = { ...module };
    for (const [key, value] of Object.entries(exports)) {
      const isAsynchronous = `${key}Sync` in module || /^create[A-Z]\w*(?:zip|late|Raw|press)$/.test(key);
      if (isAsynchronous) exports[key] = this.noting(value, `${name}.${key}`);
    }
    return exports;
  }

  /** An object whose method calls are all recorded, and made on the real object. */
  notingObject<Target extends object>(target: Target, name: string, keys?: readonly string[]): Target {
    return new Proxy(target, {
      get: (real, key): unknown => {
        const value: unknown = Reflect.get(real, key, real);
        if (typeof value !== 'function' || typeof key === 'symbol') return value;
        if (keys !== undefined && !keys.includes(key)) return value;
        return this.noting((value as AnyFunction).bind(real), `${name}.${key}`);
      },
    });
  }
}
