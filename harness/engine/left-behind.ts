import asyncHooks, { AsyncLocalStorage, type AsyncHook, type HookCallbacks } from 'node:async_hooks';
import diagnostics from 'node:diagnostics_channel';
import perfHooks, { PerformanceObserver, type IntervalHistogram } from 'node:perf_hooks';
import v8 from 'node:v8';
import { createShadowDiagnostics } from './shadow-diagnostics.js';

type Undo = () => void;
type AnyFunction = (...values: unknown[]) => unknown;

/** Replacements of Node's modules that keep what a program gives them for the lifetime of the process. */
type ShadowModules = Readonly<Record<'async_hooks' | 'diagnostics_channel' | 'perf_hooks' | 'v8', object>>;

/**
 * Removes what a program gave to Node for the lifetime of the process: contexts, hooks, subscriptions, observers. A program that
 * is evaluated repeatedly adds them each time, and each costs something at every later promise or event. What packages add while
 * they are evaluated stays, because they are evaluated once.
 */
export class LeftBehind {
  readonly modules: ShadowModules;
  /** The replacement of the global of that name. */
  readonly PerformanceObserver: typeof PerformanceObserver;
  readonly #undo: Undo[] = [];
  /** The contexts of packages. */
  readonly #lasting: AsyncLocalStorage<unknown>[] = [];
  #lastingBegins = false;

  constructor() {
    const later = (undo: Undo): void => {
      if (!this.#lastingBegins) this.#undo.push(undo);
    };
    const observing = observers(later);
    this.PerformanceObserver = observing.PerformanceObserver;
    this.modules = {
      async_hooks: { ...asyncHooks, ...this.#contexts(later) },
      diagnostics_channel: createShadowDiagnostics(diagnostics, later),
      perf_hooks: { ...perfHooks, ...observing },
      v8: { ...v8, promiseHooks: promiseHooks(later) },
    };
  }

  #contexts(later: (undo: Undo) => void): object {
    const add = (storage: AsyncLocalStorage<unknown>): void => {
      if (this.#lastingBegins) this.#lasting.push(storage);
      later(() => storage.disable());
    };
    return {
      AsyncLocalStorage: class<Store> extends AsyncLocalStorage<Store> {
        static override readonly name = AsyncLocalStorage.name;

        constructor(...values: []) {
          super(...values);
          add(this);
        }
      },
      createHook: (callbacks: HookCallbacks): AsyncHook => {
        const hook = asyncHooks.createHook(callbacks);
        later(() => hook.disable());
        return hook;
      },
    };
  }

  /** Evaluates a package: what it gives to Node meanwhile stays. */
  readonly evaluatePackage = <Result>(evaluate: () => Result): Result => {
    const before = this.#lastingBegins;
    this.#lastingBegins = true;
    try {
      return evaluate();
    } finally {
      this.#lastingBegins = before;
    }
  };

  readonly isEvaluatingPackage = (): boolean => this.#lastingBegins;

  /** Removes what the last execution added. */
  reset(): void {
    // A package's context is kept, but what was entered in it is not: the next `run` enables it again.
    for (const storage of this.#lasting) {
      if (storage.getStore() !== undefined) storage.enterWith(undefined);
      storage.disable();
    }
    while (this.#undo.length > 0) this.#undo.pop()?.();
  }
}

/** Observers of the performance timeline and the event loop. */
function observers(later: (undo: Undo) => void): {
  readonly PerformanceObserver: typeof PerformanceObserver;
  readonly monitorEventLoopDelay: typeof perfHooks.monitorEventLoopDelay;
} {
  return {
    PerformanceObserver: class extends PerformanceObserver {
      static override readonly name = PerformanceObserver.name;

      override observe(...values: Parameters<PerformanceObserver['observe']>): void {
        later(() => this.disconnect());
        super.observe(...values);
      }
    },
    monitorEventLoopDelay: (...values): IntervalHistogram => {
      const histogram = perfHooks.monitorEventLoopDelay(...values);
      later(() => histogram.disable());
      return histogram;
    },
  };
}

function promiseHooks(later: (undo: Undo) => void): object {
  const known = Object.entries(v8.promiseHooks) as [string, AnyFunction][];
  return Object.fromEntries(
    known.map(([name, add]) => [
      name,
      (...values: unknown[]): unknown => {
        const stop = add(...values) as Undo;
        later(stop);
        return stop;
      },
    ]),
  );
}
