import { randomUUID } from 'node:crypto';
import { BroadcastChannel } from 'node:worker_threads';
import { mutex, type Mutex } from '../mutex.js';
import { AsyncQueue } from '../primitives/async-queue.js';
import { requireSize, requireTimeout } from '../primitives/limit-errors.js';
import { areEqualAsData } from './equality.js';
import { copyBytes, inWords, wordsFor } from './log-layout.js';
import { ValueWaits, type ValueWaitOptions } from './waits.js';
import { decodeValue, encodeValue } from './watched-value.js';

/** The size of a watched value as published. */
export interface PublishedWatchedValueOptions {
  /** The maximum number of consumers (waits and callbacks) at once, on all agents together: 1 to 65,536. Default 64. */
  readonly consumers?: number | undefined;
  /** How many bytes a value may take, as encoded by structured cloning: 1 to 1,048,576. Default 1,024. */
  readonly valueBytes?: number | undefined;
}

/** What the threads of the article share as one object: plain data, which you send to other agents in a message. */
export interface PublishedWatchedValue<T> {
  readonly kind: 'publishedWatchedValue';
  /** The name of the broadcast channel that stands for every loop's `call_soon_threadsafe`. */
  readonly channel: string;
  readonly valueBytes: number;
  readonly lock: Int32Array<SharedArrayBuffer>;
  /** The value: the number of bytes, and the bytes. */
  readonly slot: BigInt64Array<SharedArrayBuffer>;
  /** The last number given to a consumer, the number of consumers, and their numbers. */
  readonly consumers: Int32Array<SharedArrayBuffer>;
  /** Never present: carries the value's type. */
  readonly type?: T;
}

const lastNumber = 0;
const consumerCount = 1;
const firstConsumer = 2;

interface Notification<T> {
  readonly consumer: number;
  readonly from: T;
  readonly to: T;
}

/**
 * Makes a value for `PublishedValueWatcher`.
 *
 * @throws UncloneablePayload, WatchedValueTooLarge
 * @throws RangeError if an option is out of its bounds
 *
 * @example
 * const watcher = new PublishedValueWatcher(createPublishedWatchedValue(1));
 * assert.equal(watcher.value, 1);
 */
export function createPublishedWatchedValue<T>(
  initial: T,
  options: PublishedWatchedValueOptions = {},
): PublishedWatchedValue<T> {
  const consumers = requireSize('consumers', options.consumers ?? 64, 1, 65_536);
  const valueBytes = requireSize('valueBytes', options.valueBytes ?? 1_024, 1, 1_048_576);
  const slot = new BigInt64Array(new SharedArrayBuffer(8 * wordsFor(valueBytes)));
  slot.set(inWords(encodeValue(initial, valueBytes)));
  return {
    kind: 'publishedWatchedValue',
    channel: `watched value ${randomUUID()}`,
    valueBytes,
    lock: new Int32Array(new SharedArrayBuffer(4)),
    slot,
    consumers: new Int32Array(new SharedArrayBuffer(4 * (firstConsumer + consumers))),
  };
}

/**
 * The watcher with everything that the article adds for production: a thread lock around the value and the list of consumers,
 * registration and first look in one hold of that lock, and notifications that are posted to each consumer's loop after the
 * lock has been released.
 *
 * Where the article's threads call `call_soon_threadsafe` on another thread's loop, this uses a broadcast channel. As in the
 * article, callbacks run within `set` on the agent they were registered on. Callbacks of other agents are notified by message,
 * since a function cannot be sent to another thread.
 *
 * Its faults, each shown by a scenario under scenarios/value-watcher:
 *
 * - Two setters on different threads may post in the opposite order of their sets: consumers see the second transition before
 *   the first (published/inverted-transitions).
 * - A callback that sets the value overtakes the callbacks after it, which see its transition before the one that caused it
 *   (published/set-in-callback).
 * - The queue of a wait is removed when the wait ends: what happens before the next wait begins is missed, even by
 *   `waitForChange` in a loop (published/between-two-waits).
 * - The predicate of `setIf` runs while the lock is held, and the lock is not reentrant: a predicate that reads `value`
 *   permanently stops its thread, and all others with it (published/predicate-reads-value).
 * - Reading, setting, or beginning to wait on the event loop waits for a thread lock, and blocks the loop for as long as a
 *   worker holds it (published/loop-blocked). If that worker has died, it blocks forever.
 * - A wait removes itself from the list of consumers when it ends. If its agent ends first, it stays on the list and is
 *   notified forever (published/registered-for-good).
 *
 * @example
 * const watcher = new PublishedValueWatcher(createPublishedWatchedValue('open'));
 * const draining = watcher.waitFor('closing', { timeoutMs: 1_000 });
 * watcher.set('closing');
 * watcher.set('closed');
 * assert.equal(await draining, 'closing');
 */
export class PublishedValueWatcher<T> extends ValueWaits<T> {
  readonly #shared: PublishedWatchedValue<T>;
  readonly #lock: Mutex;
  /** This agent's consumers, by number. */
  readonly #queues = new Map<number, AsyncQueue<Notification<T>>>();
  readonly #callbacks = new Map<number, (from: T, to: T) => void>();
  #sender: BroadcastChannel | undefined;
  #receiver: BroadcastChannel | undefined;

  /** @param shared what `createPublishedWatchedValue` made, on this agent or another */
  constructor(shared: PublishedWatchedValue<T>) {
    super();
    this.#shared = shared;
    this.#lock = mutex(shared.lock);
  }

  /** A copy of the current value. Blocks the agent while another one holds the lock. */
  get value(): T {
    return this.#lock.withLock(() => this.#read());
  }

  /**
   * Changes the value and notifies all consumers, unless the new value equals (as data) the present one. Returns whether it
   * changed. Blocks the agent while another one holds the lock.
   *
   * @throws UncloneablePayload, WatchedValueTooLarge
   */
  set(next: T): boolean {
    return this.#set(next, () => true);
  }

  /** As `set`, but only if the present value satisfies the predicate, which is called while the lock is held. */
  setIf(next: T, predicate: (current: T) => boolean): boolean {
    return this.#set(next, predicate);
  }

  override async waitUntil(predicate: (value: T) => boolean, options: ValueWaitOptions = {}): Promise<T> {
    const { immediate = true, timeoutMs, signal } = options;
    const limitMs = requireTimeout(timeoutMs);
    signal?.throwIfAborted();
    const deadlineMs = limitMs === Infinity ? Infinity : performance.now() + limitMs;
    const queue = new AsyncQueue<Notification<T>>();
    const receiver = this.#listen();
    const registered = this.#lock.withLock(() => {
      const value = this.#read();
      return immediate && predicate(value) ? { value } : { consumer: this.#register() };
    });
    if ('value' in registered) return registered.value;
    this.#queues.set(registered.consumer, queue);
    receiver.ref();
    try {
      while (true) {
        const leftMs = deadlineMs === Infinity ? undefined : Math.max(deadlineMs - performance.now(), 0);
        const { to } = await queue.get({ signal, timeoutMs: leftMs });
        if (predicate(to)) return to;
      }
    } finally {
      this.#queues.delete(registered.consumer);
      if (this.#queues.size === 0) receiver.unref();
      this.#lock.withLock(() => this.#deregister(registered.consumer));
    }
  }

  /** Calls back for every transition, forever. What the callback throws is ignored. */
  onChange(callback: (from: T, to: T) => void): void {
    this.#listen();
    const consumer = this.#lock.withLock(() => this.#register());
    this.#callbacks.set(consumer, callback);
  }

  /** Calls back once, when the value equals `target`: soon, if it already does. What the callback throws is ignored. */
  onValue(target: T, callback: () => void): void {
    this.waitFor(target)
      .then(callback)
      .catch(() => undefined);
  }

  #set(next: T, predicate: (current: T) => boolean): boolean {
    const bytes = encodeValue(next, this.#shared.valueBytes);
    const to = decodeValue(bytes) as T;
    const news = this.#lock.withLock(() => {
      const from = this.#read();
      if (!predicate(from) || areEqualAsData(to, from)) return undefined;
      this.#shared.slot.set(inWords(bytes));
      return { from, consumers: this.#registered() };
    });
    if (news === undefined) return false;
    const { from, consumers } = news;
    for (const consumer of consumers) if (!this.#callbacks.has(consumer)) this.#post({ consumer, from, to });
    for (const consumer of consumers) this.#callBack({ consumer, from, to });
    return true;
  }

  #read(): T {
    return decodeValue(copyBytes(this.#shared.slot, 0, this.#shared.valueBytes)) as T;
  }

  #registered(): number[] {
    const { consumers } = this.#shared;
    return Array.from({ length: consumers[consumerCount]! }, (_, index) => consumers[firstConsumer + index]!);
  }

  #register(): number {
    const { consumers } = this.#shared;
    const count = consumers[consumerCount]!;
    const limit = consumers.length - firstConsumer;
    if (count === limit) throw new RangeError(`There are ${limit} consumers already: raise the option consumers.`);
    const consumer = consumers[lastNumber]! + 1;
    consumers[lastNumber] = consumer;
    consumers[firstConsumer + count] = consumer;
    consumers[consumerCount] = count + 1;
    return consumer;
  }

  #deregister(consumer: number): void {
    const { consumers } = this.#shared;
    const others = this.#registered().filter((other) => other !== consumer);
    consumers.set(others, firstConsumer);
    consumers[consumerCount] = others.length;
  }

  #post(notification: Notification<T>): void {
    if (this.#sender === undefined) {
      this.#sender = new BroadcastChannel(this.#shared.channel);
      this.#sender.unref();
    }
    try {
      this.#sender.postMessage(notification);
    } catch {
      // As the article does for a closed loop: the other consumers are still notified.
    }
  }

  /** A channel does not hear its own messages, so a second one listens, also to what this agent sets. */
  #listen(): BroadcastChannel {
    if (this.#receiver !== undefined) return this.#receiver;
    const receiver = new BroadcastChannel(this.#shared.channel);
    receiver.unref();
    receiver.onmessage = (event) => {
      const notification = (event as { readonly data: Notification<T> }).data;
      this.#queues.get(notification.consumer)?.tryPut(notification);
      this.#callBack(notification);
    };
    return (this.#receiver = receiver);
  }

  #callBack({ consumer, from, to }: Notification<T>): void {
    try {
      this.#callbacks.get(consumer)?.(from, to);
    } catch {
      // As the article does: one callback that throws must not stop the others.
    }
  }
}
