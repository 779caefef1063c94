import type { EventEmitter } from 'node:events';

const names = ['stdin', 'stdout', 'stderr'] as const;

/** The streams of the process, on which nobody listens longer than an execution. */
export class StandardStreams {
  /** Of each stream that has been asked for, what takes the program's listeners away. */
  readonly #used = new Map<string, () => void>();

  /** Getters to be shown in the place of those of `process`. */
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

/** Remembers who listens; what it returns takes all others away. */
function keeperOf(emitter: EventEmitter): () => void {
  const before = new Map(emitter.eventNames().map((event) => [event, emitter.rawListeners(event)]));
  return () => {
    for (const event of emitter.eventNames()) {
      const known = before.get(event) ?? [];
      // The last first: the emitter looks for it from the end, and takes what wraps a listener for the listener.
      for (const listener of emitter.rawListeners(event).reverse()) {
        if (!known.includes(listener)) emitter.removeListener(event, listener as (...values: unknown[]) => void);
      }
    }
  };
}
