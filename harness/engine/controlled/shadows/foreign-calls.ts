type AnyFunction = (this: unknown, ...values: unknown[]) => unknown;

/**
 * Notes the calls of the program under test that complete outside of the schedule and that Node does not list among its
 * active resources: work for its thread pool. Their results never come during an execution, since the real event loop does
 * not turn, so what waits for them is no deadlock.
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

  /** The function, noting its calls; only those with a callback if asked for. */
  noting(call: unknown, name: string, onlyWithCallback = false): unknown {
    if (typeof call !== 'function') return call;
    return new Proxy(call as AnyFunction, {
      apply: (real, target, values): unknown => {
        if (!onlyWithCallback || typeof values.at(-1) === 'function') this.#names.push(name);
        return Reflect.apply(real, target, values);
      },
    });
  }

  /** A module whose functions that have a synchronous sibling are noted, and those that make a stream of that kind. */
  notingModule(module: object, name: string): Record<string, unknown> {
    const exports: Record<string, unknown> = { ...module };
    for (const [key, value] of Object.entries(exports)) {
      const isAsynchronous = `${key}Sync` in module || /^create[A-Z]\w*(?:zip|late|Raw|press)$/.test(key);
      if (isAsynchronous) exports[key] = this.noting(value, `${name}.${key}`);
    }
    return exports;
  }

  /** An object all of whose methods are noted, called on the real one. */
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
