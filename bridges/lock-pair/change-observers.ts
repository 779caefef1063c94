import type { WaitOptions } from '../primitives/async-queue.js';
import { holdLoop } from '../primitives/loop-hold.js';
import type { KeyStamp, SharedDictionary } from '../unsynchronised/shared-dictionary.js';
import type { StateLock } from './state-lock.js';

/** Called on the event loop with a key that was added, replaced or removed. */
export type ChangeObserver = (key: string) => void;

/** Called with what an observer threw, and the key that it was called with. */
export type ObserverErrorHandler = (error: unknown, key: string) => void;

/**
 * Tells the observers of one agent which keys have changed, by comparing the present state with the previous one. So there is
 * no queue: several changes of a key may become one call, and only one stamp for each key is kept. Each look goes through the
 * stamps of all keys. There is one look at a time, however many changes there are in the meantime.
 */
export class ChangeObservers {
  readonly #dictionary: SharedDictionary<unknown>;
  readonly #lock: StateLock;
  /** How many agents observe changes. */
  readonly #observing: Int32Array<SharedArrayBuffer>;
  readonly #onError: ObserverErrorHandler;
  readonly #observers = new Set<ChangeObserver>();
  #known = new Map<number, KeyStamp>();
  #watch: AbortController | undefined;

  constructor(
    dictionary: SharedDictionary<unknown>,
    lock: StateLock,
    observing: Int32Array<SharedArrayBuffer>,
    onError: ObserverErrorHandler,
  ) {
    this.#dictionary = dictionary;
    this.#lock = lock;
    this.#observing = observing;
    this.#onError = onError;
  }

  /** Notifies every observing agent of a change. Call it after each change. */
  announce(): void {
    if (Atomics.load(this.#observing, 0) > 0) this.#dictionary.announce();
  }

  /** Adds an observer; fulfilled with the function that removes it. The observer learns of every change made after that. */
  async add(observe: ChangeObserver, options: WaitOptions): Promise<() => void> {
    // A function that is added twice is two observers.
    const observer: ChangeObserver = (key) => observe(key);
    await this.#look(options, () => this.#observers.add(observer));
    if (this.#watch === undefined) {
      this.#watch = new AbortController();
      void this.#run(this.#watch.signal);
    }
    return () => {
      this.#observers.delete(observer);
      if (this.#observers.size === 0) this.close();
    };
  }

  /** Removes every observer, and releases the event loop. */
  close(): void {
    this.#observers.clear();
    this.#watch?.abort();
    this.#watch = undefined;
    this.#dictionary.announce();
  }

  async #run(signal: AbortSignal): Promise<void> {
    const letLoopGo = holdLoop();
    signal.addEventListener('abort', letLoopGo);
    // A writer that changes something after this sees that there is an observer. The first look sees earlier changes.
    Atomics.add(this.#observing, 0, 1);
    try {
      while (true) {
        const seen = this.#dictionary.change;
        await this.#look({ signal });
        if (signal.aborted) return;
        await this.#dictionary.changedSince(seen);
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      Atomics.sub(this.#observing, 0, 1);
      letLoopGo();
    }
  }

  /** Notifies the observers of changes since the last look. Runs `then` at the moment of this look. */
  async #look(options: WaitOptions, then?: () => void): Promise<void> {
    let observers: ChangeObserver[] = [];
    const keys = await this.#lock.withLockAsync(() => {
      observers = [...this.#observers];
      then?.();
      return this.#changedKeys();
    }, options);
    for (const key of keys) for (const observer of observers) this.#tell(observer, key);
  }

  #changedKeys(): Set<string> {
    const stamps = this.#dictionary.stamps(this.#known);
    const keys = new Set<string>();
    // A removed key has only an old stamp, a new key only a new one, and a replaced key both.
    for (const [block, { key }] of this.#known) if (stamps.get(block) !== this.#known.get(block)) keys.add(key);
    for (const [block, { key }] of stamps) if (stamps.get(block) !== this.#known.get(block)) keys.add(key);
    this.#known = stamps;
    return keys;
  }

  #tell(observer: ChangeObserver, key: string): void {
    // Another observer may have removed this one.
    if (!this.#observers.has(observer)) return;
    try {
      observer(key);
    } catch (error) {
      try {
        this.#onError(error, key);
      } catch (unhandled) {
        // In a separate task it reaches the process like any uncaught error, and ends neither this loop nor the watch.
        queueMicrotask(() => {
          throw unhandled;
        });
      }
    }
  }
}
