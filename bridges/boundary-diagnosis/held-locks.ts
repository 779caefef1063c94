import { AsyncLocalStorage } from 'node:async_hooks';

/** Which locks the code that runs now has, on this agent. */
export class HeldLocks {
  /** Of sections that are functions: each coroutine has its own. */
  readonly #ofSections = new AsyncLocalStorage<readonly string[]>();
  #sections = 0;
  /** Of locks that are taken by one call and given back by another: how often each is held. */
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
    // Every storage that is in use costs every promise of the process something, so it is not to be kept in use for nothing.
    if (--this.#sections === 0) this.#ofSections.disable();
  };
}
