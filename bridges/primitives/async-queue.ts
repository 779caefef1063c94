import { Fifo } from './fifo.js';
import { requireSize, requireTimeout, WaitTimeout } from './limit-errors.js';

/** A queue was used after its end: an item was put after `close`, or taken when no more can come. */
export class QueueClosed extends Error {
  override readonly name = 'QueueClosed';
}

/** How long a call may wait. */
export interface WaitOptions {
  /** Rejects with the signal's reason when it aborts. */
  readonly signal?: AbortSignal | undefined;
  /** Rejects with `WaitTimeout` after that many milliseconds. No timeout by default. */
  readonly timeoutMs?: number | undefined;
}

interface Waiter<Value> {
  resolve(value: Value): void;
  reject(error: Error): void;
}

const maximumCapacity = 2 ** 30;

/**
 * A bounded first-in first-out queue between the coroutines of one agent, like asyncio.Queue, with an end.
 *
 * Exactly one `get` takes an item. A `get` or `put` that gives up (signal, timeout) has taken or added nothing; if the signal
 * aborts once it has taken or added its item, it is still fulfilled. Do not race a `get` against something else: it would keep
 * waiting, and lose the item that it takes. Give it a signal or a timeout.
 *
 * Waiting does not keep the event loop alive, except with a timeout. An item that is a promise is awaited as `get` returns it,
 * as by every promise; `tryGet` returns it as it is.
 *
 * @example
 * const queue = new AsyncQueue<string>(2);
 * await queue.put('a');
 * await queue.put('b');
 * await assert.rejects(queue.put('c', { timeoutMs: 1 }), WaitTimeout);
 * queue.close();
 * assert.equal(await queue.get(), 'a');
 * assert.equal(await queue.get(), 'b');
 * await assert.rejects(queue.get(), QueueClosed);
 */
export class AsyncQueue<Item> {
  readonly capacity: number;
  readonly #items = new Fifo<Item>();
  readonly #getters: Waiter<Item>[] = [];
  readonly #putters: (Waiter<undefined> & { readonly item: Item })[] = [];
  #closed = false;

  /**
   * @param capacity how many items it holds before `put` waits: 1 or more. Unbounded by default
   * @throws RangeError if the capacity is not a whole number, 1 or more
   */
  constructor(capacity = maximumCapacity) {
    this.capacity = requireSize('The capacity of a queue', capacity, 1, maximumCapacity);
  }

  /** Items in the queue. */
  get size(): number {
    return this.#items.length;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /**
   * Adds an item if there is room. Returns whether there was room.
   *
   * @throws QueueClosed after `close`
   */
  tryPut(item: Item): boolean {
    if (this.#closed) throw new QueueClosed('The queue has been closed: it accepts nothing more.');
    const getter = this.#getters.shift();
    if (getter !== undefined) {
      getter.resolve(item);
      return true;
    }
    if (this.#items.length >= this.capacity) return false;
    this.#items.push(item);
    return true;
  }

  /**
   * Adds an item, and waits for room if there is none.
   *
   * @throws QueueClosed (rejects with it) after `close`, and if the queue is closed while it waits
   * @throws WaitTimeout (rejects with it) if there was no room within `timeoutMs`
   * @throws RangeError (rejects with it) if `timeoutMs` is not a valid timeout
   */
  async put(item: Item, options: WaitOptions = {}): Promise<void> {
    check(options);
    if (this.tryPut(item)) return;
    await wait<undefined, Waiter<undefined> & { readonly item: Item }>(
      this.#putters,
      (waiter) => ({ ...waiter, item }),
      options,
      'No room in the queue',
    );
  }

  /** Takes the oldest item if there is one. */
  tryGet(): { readonly item: Item } | undefined {
    if (this.#items.length === 0) return undefined;
    const item = this.#items.shift();
    const putter = this.#putters.shift();
    if (putter !== undefined) {
      this.#items.push(putter.item);
      putter.resolve(undefined);
    }
    return { item };
  }

  /**
   * Takes the oldest item, and waits for one if there is none.
   *
   * @throws QueueClosed (rejects with it) when no more items can come
   * @throws WaitTimeout (rejects with it) if nothing arrived within `timeoutMs`
   * @throws RangeError (rejects with it) if `timeoutMs` is not a valid timeout
   */
  async get(options: WaitOptions = {}): Promise<Item> {
    check(options);
    const found = this.tryGet();
    if (found !== undefined) return found.item;
    if (this.#closed) throw new QueueClosed('The queue has been closed, and all its items have been taken.');
    return wait<Item, Waiter<Item>>(this.#getters, (waiter) => waiter, options, 'Nothing in the queue');
  }

  /**
   * Ends the queue. Items in it can still be taken. Calls of `get` that wait for more are rejected, and so are calls of `put`
   * that wait for room: their items were not added.
   */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const getter of this.#getters.splice(0)) {
      getter.reject(new QueueClosed('The queue has been closed, and all its items have been taken.'));
    }
    for (const putter of this.#putters.splice(0)) {
      putter.reject(new QueueClosed('The queue was closed before there was room.'));
    }
  }

  /** Takes all items in the queue, and those that `put` calls wait to add. */
  drain(): Item[] {
    const items = this.#items.takeAll();
    for (const putter of this.#putters.splice(0)) {
      items.push(putter.item);
      putter.resolve(undefined);
    }
    return items;
  }
}

/** Reports invalid options of a call at once, even if there is nothing to wait for. */
function check({ signal, timeoutMs }: WaitOptions): void {
  requireTimeout(timeoutMs);
  signal?.throwIfAborted();
}

/** Joins a line of waiters, and leaves it however the wait ends. */
function wait<Value, Kind extends Waiter<Value>>(
  line: Kind[],
  make: (waiter: Waiter<Value>) => Kind,
  { signal, timeoutMs }: WaitOptions,
  what: string,
): Promise<Value> {
  const limitMs = requireTimeout(timeoutMs);
  return new Promise<Value>((resolve, reject) => {
    const settle = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
    };
    const waiter = make({
      resolve: (value) => {
        settle();
        resolve(value);
      },
      reject: (error) => {
        settle();
        reject(error);
      },
    });
    const giveUp = (error: Error): void => {
      const place = line.indexOf(waiter);
      if (place < 0) return;
      line.splice(place, 1);
      waiter.reject(error);
    };
    const abort = (): void => giveUp(signal?.reason as Error);
    const timer =
      limitMs === Infinity
        ? undefined
        : setTimeout(() => giveUp(new WaitTimeout(`${what} within ${limitMs} ms.`)), limitMs);
    signal?.addEventListener('abort', abort, { once: true });
    line.push(waiter);
  });
}
