import { AsyncLocalStorage } from 'node:async_hooks';

/** The locks held by the code that runs now, on this agent. */
export class HeldLocks {
  /** Locks held for sections that are functions: each coroutine has its own. */
  readonly #ofSections = new AsyncLocalStorage<readonly string[]>();
  #sections = 0;
  /** Locks taken by one call and released by another: how often each is held. */
  readonly #ofCalls = new Map<string, number>();

  names(): string[] {
    const names = new Set([...(this.#ofSections.getStore() ?? []), ...this.#ofCalls.keys()]);
    return [...names].sort();
  }

  /** Runs a section under a lock, however long it awaits. */
  during<Result>(name: string, section: () => Result): Result {
    let result: Result | undefined;
    this.#sections++;
    try {
      result = this.#ofSections.run([...(this.#ofSections.getStore() ?? []), name], section);
      return result;
    } finally {
      if (result instanceof Promise) result.then(this.#ended, this.#ended);
      else this.#ended();
    }
  }

  taken(name: string): void {
    this.#ofCalls.set(name, (this.#ofCalls.get(name) ?? 0) + 1);
  }

  givenBack(name: string): void {
    const times = (this.#ofCalls.get(name) ?? 0) - 1;
    if (times > 0) this.#ofCalls.set(name, times);
    else this.#ofCalls.delete(name);
  }

  readonly #ended = (): void => {
    // While a storage is in use it slows every promise of the process, so it is disabled when not needed.
    if (--this.#sections === 0) this.#ofSections.disable();
  };
}
