import type { EventEmitter } from 'node:events';

const names = ['stdin', 'stdout', 'stderr'] as const;

/** The streams of the process, whose listeners last no longer than an execution. */
export class StandardStreams {
  /** For each stream that was used, a function that removes the program's listeners. */
  readonly #used = new Map<string, () => void>();

  /** Getters that replace those of `process`. */
  get properties(): PropertyDescriptorMap {
    return Object.fromEntries(names.map((name) => [name, { get: () => this.#take(name), enumerable: true }]));
  }

  #take(name: (typeof names)[number]): EventEmitter {
    const stream: EventEmitter = process[name];
    if (!this.#used.has(name)) this.#used.set(name, keeperOf(stream));
    return stream;
  }

  reset(): void {
    if (this.#used.size === 0) return;
    for (const restore of this.#used.values()) restore();
    this.#used.clear();
  }
}

/** Remembers the current listeners; the function it returns removes all others. */
function keeperOf(emitter: EventEmitter): () => void {
  const before = new Map(emitter.eventNames().map((event) => [event, emitter.rawListeners(event)]));
  return () => {
    for (const event of emitter.eventNames()) {
      const known = before.get(event) ?? [];
      // The last first: the emitter searches from the end, and accepts a wrapped listener as the listener.
      for (const listener of emitter.rawListeners(event).reverse()) {
        if (!known.includes(listener)) emitter.removeListener(event, listener as (...values: unknown[]) => void);
      }
    }
  };
}
