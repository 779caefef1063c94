import { AsyncQueue } from '../primitives/async-queue.js';
import { holdLoop } from '../primitives/loop-hold.js';
import { ThreadQueueConsumer } from './thread-queue-consumer.js';
import { createThreadQueue, type ThreadQueueMemory } from './thread-queue-memory.js';
import { ThreadQueueProducer } from './thread-queue-producer.js';

/** How the published dual queue is bounded. */
export interface PublishedDualQueueOptions {
  /** How many items each of its two queues holds at most. Default 1,000, as in the article. */
  readonly maxsize?: number;
  /** How much memory the items of the thread side share. Python has no such bound; shared memory has. Default 1 MiB. */
  readonly bytes?: number;
}

/**
 * Makes an empty published dual queue. Its thread side, `queue.Queue` in the article, is the same as that of `DualQueue`.
 *
 * @throws RangeError if a limit is out of range
 *
 * @example
 * const memory = createPublishedDualQueue({ maxsize: 10 });
 * assert.equal(memory.capacity, 10);
 */
export function createPublishedDualQueue({
  maxsize = 1_000,
  bytes,
}: PublishedDualQueueOptions = {}): ThreadQueueMemory {
  return createThreadQueue({
    capacity: maxsize,
    ...(bytes === undefined ? {} : { bytes }),
    // A lock in Python is waited for without limit.
    lockTimeoutMs: Infinity,
  });
}

/** The item that means the end: Python's None. */
const pill = null;

/**
 * The article's StateBridge as it is printed, on the agent whose coroutines consume. It carries what is submitted, once and
 * in order, as long as nobody shuts it down or cancels its drain task. Its faults, and the scenarios under
 * `scenarios/dual-queue` that show them:
 *
 * - The pill is an item like any other, `null`: one that a thread submits ends the drain task, and what comes after it is
 *   never delivered (`published-null-is-the-pill`).
 * - `shutdown` puts the pill with a blocking put, on the thread of the very loop whose drain task would have to make room:
 *   if the queue is full, the loop stands still for ever (`published-shutdown-of-a-full-queue`).
 * - The drain task holds the item that it has taken in a local variable while it waits for room: cancelled there, the item
 *   is gone (`published-item-in-hand`). Cancelled while it waits for an item, its executor thread goes on waiting, takes
 *   the next one, and nobody gets it (`published-item-for-nobody`). What is still queued stays there, because `shutdown`
 *   then fails with the cancellation (`pitfall/forgotten-cancellation-cleanup`).
 * - Consumers that wait when the drain task ends wait for ever (`published-consumer-never-told`).
 * - A submission behind the pill is accepted and lost (`published-submit-after-shutdown`).
 * - A second `shutdown` puts a second pill, which nobody takes (`published-second-shutdown`), or waits for room for ever.
 *
 * Where Python has a thread of an executor blocked in `get`, this has a coroutine that nothing can cancel. It takes an item
 * when the loop runs, and so one item later than a thread would: up to one item more is still in the queue.
 *
 * @example
 * const memory = createPublishedDualQueue({ maxsize: 10 });
 * const queue = new PublishedDualQueue<string>(memory);
 * queue.start();
 * new PublishedDualQueueProducer<string>(memory).submitFromThread('hello');
 * assert.equal(await queue.consume(), 'hello');
 * await queue.shutdown();
 */
export class PublishedDualQueue<Payload = unknown> {
  readonly #threadQueue: ThreadQueueConsumer<Payload | null>;
  readonly #pills: ThreadQueueProducer<null>;
  readonly #asyncQueue: AsyncQueue<Payload>;
  #drainer: { readonly done: Promise<void>; readonly task: AbortController } | undefined;

  constructor(memory: ThreadQueueMemory) {
    this.#threadQueue = new ThreadQueueConsumer(memory);
    this.#pills = new ThreadQueueProducer(memory);
    this.#asyncQueue = new AsyncQueue(memory.capacity);
  }

  /** `_thread_q.qsize()` */
  get threadQueueDepth(): number {
    return this.#threadQueue.depth;
  }

  /** `_async_q.qsize()` */
  get loopQueueDepth(): number {
    return this.#asyncQueue.size;
  }

  start(): void {
    const task = new AbortController();
    const done = this.#drain(task.signal);
    // As in Python, the failure of a task shows where the task is awaited.
    done.catch(() => undefined);
    this.#drainer = { done, task };
  }

  /**
   * What happens to the drain task when it is cancelled: `_drainer.cancel()`, or a task group or an event loop that ends
   * before it.
   */
  cancelDrainer(): void {
    this.#drainer?.task.abort();
  }

  async consume(): Promise<Payload> {
    return this.#asyncQueue.get();
  }

  async shutdown(): Promise<void> {
    this.#pills.put(pill);
    if (this.#drainer !== undefined) await this.#drainer.done;
  }

  async #drain(cancelled: AbortSignal): Promise<void> {
    while (true) {
      const payload = await unlessCancelled(this.#getInExecutor(), cancelled);
      if (payload === pill) break;
      await this.#asyncQueue.put(payload, { signal: cancelled });
    }
  }

  /** `run_in_executor(None, self._thread_q.get)`: it waits on, and takes an item, whether or not anybody waits for it. */
  async #getInExecutor(): Promise<Payload | null> {
    const release = holdLoop();
    try {
      while (true) {
        const taken = this.#threadQueue.tryGet();
        if (taken !== undefined) return taken.item;
        await this.#threadQueue.waitForMore();
      }
    } finally {
      release();
    }
  }
}

/** The submitting end of a published dual queue: `submit_from_thread`. Each thread makes its own. */
export class PublishedDualQueueProducer<Payload = unknown> {
  readonly #threadQueue: ThreadQueueProducer<Payload>;

  constructor(memory: ThreadQueueMemory) {
    this.#threadQueue = new ThreadQueueProducer(memory);
  }

  /**
   * Adds a payload if there is room for it.
   *
   * @throws QueueFull if there is none: backpressure
   */
  submitFromThread(payload: Payload): void {
    this.#threadQueue.putNow(payload);
  }
}

/** Awaiting in a task that is cancelled ends at once; what was awaited goes on. */
function unlessCancelled<Value>(value: Promise<Value>, cancelled: AbortSignal): Promise<Value> {
  cancelled.throwIfAborted();
  return new Promise((resolve, reject) => {
    const cancel = (): void => reject(cancelled.reason as Error);
    cancelled.addEventListener('abort', cancel, { once: true });
    value.then(resolve, reject).finally(() => cancelled.removeEventListener('abort', cancel));
  });
}
