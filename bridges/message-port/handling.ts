/** What a handler receives besides the value. */
export interface HandlingContext {
  /**
   * Aborts when the answer is no longer wanted: the sender gave up, or this side is being closed. A handler may ignore it; its
   * answer is then dropped.
   */
  readonly signal: AbortSignal;
}

/** As the context, for code that may also cancel it. */
export interface CancellableHandling extends HandlingContext {
  readonly aborted: boolean;
  readonly reason: unknown;
  abort(reason: unknown): void;
}

/** One value that is being handled. Most handlers never look at the signal, so it is made on first use. */
export class Handling implements CancellableHandling {
  #controller: AbortController | undefined;
  #aborted = false;
  #reason: unknown;

  get aborted(): boolean {
    return this.#aborted;
  }

  get reason(): unknown {
    return this.#reason;
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#aborted) this.#controller.abort(this.#reason);
    }
    return this.#controller.signal;
  }

  abort(reason: unknown): void {
    if (this.#aborted) return;
    this.#aborted = true;
    this.#reason = reason;
    this.#controller?.abort(reason);
  }
}
