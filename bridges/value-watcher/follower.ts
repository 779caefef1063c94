import { AsyncQueue, QueueClosed, type WaitOptions } from '../primitives/async-queue.js';
import { requireTimeout } from '../primitives/limit-errors.js';
import { holdLoop } from '../primitives/loop-hold.js';
import { transitionOf, type Consumer, type ConsumerRegistry, type Transition } from './consumers.js';
import type { LoggedValue } from './transition-log.js';
import { decodeValue } from './watched-value.js';
import { FollowerOverrun, WatcherClosed } from './watcher-errors.js';

/**
 * Sees every transition after it was made, one after another, however much time passes between looks: `ValueWatcher.follow`
 * makes it. Two waits in a row miss what happens between them; two looks of a follower do not.
 *
 * @example
 * const watcher = new ValueWatcher(createWatchedValue('disconnected'));
 * const follower = watcher.follow();
 * for (const state of ['connecting', 'connected', 'closing', 'closed']) watcher.set(state);
 * await follower.until(({ to }) => to === 'connected');
 * const next = await follower.take();
 * assert.deepEqual(next, { version: 3, from: 'connected', to: 'closing' });
 * watcher.close();
 */
export class Follower<T> implements AsyncIterable<Transition<T>> {
  /** The value that the first transition begins from. */
  readonly initial: T;
  /** How many transitions came before the first one that this follower sees. */
  readonly since: number;
  readonly #registry: ConsumerRegistry;
  readonly #queue: AsyncQueue<{ readonly from: LoggedValue; readonly to: LoggedValue }>;
  readonly #consumer: Consumer;
  /** Why no more transitions come. */
  #end: Error | undefined;

  /** @param capacity how many transitions may wait to be taken */
  constructor(registry: ConsumerRegistry, capacity: number) {
    this.#registry = registry;
    this.#queue = new AsyncQueue(capacity);
    const start = registry.begin();
    this.initial = decodeValue(start.bytes) as T;
    this.since = Number(start.version);
    this.#consumer = {
      since: start.version,
      see: (from, to) => {
        if (this.#queue.tryPut({ from, to })) return;
        const missed = `${capacity} transitions are waiting to be taken, so number ${to.version.toString()} and later ones are missed.`;
        this.#stop(new FollowerOverrun(`This follower is too slow: ${missed}`));
      },
      end: (reason) => this.#stop(reason),
    };
    registry.add(this.#consumer);
  }

  /** Transitions that wait to be taken. */
  get size(): number {
    return this.#queue.size;
  }

  /**
   * Takes the next transition, and waits for it if there is none.
   *
   * Rejects with `WaitTimeout` or the signal's reason, having taken nothing; with `FollowerOverrun` or `WatcherClosed` when
   * everything before that has been taken.
   */
  async take(options: WaitOptions = {}): Promise<Transition<T>> {
    const letGo = this.size > 0 ? undefined : holdLoop();
    try {
      const { from, to } = await this.#queue.get(options);
      return transitionOf<T>(from, to);
    } catch (error) {
      throw error instanceof QueueClosed && this.#end !== undefined ? this.#end : error;
    } finally {
      letGo?.();
    }
  }

  /**
   * Takes transitions up to the first one that satisfies the predicate, and returns that one. Rejects as `take` does, and with
   * what the predicate throws; transitions taken before that stay taken.
   */
  async until(predicate: (transition: Transition<T>) => boolean, options: WaitOptions = {}): Promise<Transition<T>> {
    const limitMs = requireTimeout(options.timeoutMs);
    const deadlineMs = limitMs === Infinity ? Infinity : performance.now() + limitMs;
    while (true) {
      const leftMs = deadlineMs === Infinity ? Infinity : Math.max(deadlineMs - performance.now(), 0);
      const transition = await this.take({ ...options, timeoutMs: leftMs });
      if (predicate(transition)) return transition;
    }
  }

  /** Takes no more transitions. Pending and later calls of `take` are rejected with `WatcherClosed`. */
  close(): void {
    this.#queue.drain();
    this.#stop(new WatcherClosed('The follower has been closed.'));
  }

  /** All transitions, until the follower or its watcher is closed, which ends the loop. Leaving the loop closes the follower. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Transition<T>, void, undefined> {
    try {
      while (true) yield await this.take();
    } catch (error) {
      if (!(error instanceof WatcherClosed)) throw error;
    } finally {
      this.close();
    }
  }

  #stop(reason: Error): void {
    this.#end ??= reason;
    this.#registry.remove(this.#consumer);
    this.#queue.close();
  }
}
