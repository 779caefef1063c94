import { AsyncQueue } from '../primitives/async-queue.js';
import { holdLoop } from '../primitives/loop-hold.js';
import { ThreadQueueConsumer } from './thread-queue-consumer.js';
import { createThreadQueue, type ThreadQueueMemory } from './thread-queue-memory.js';
import { ThreadQueueProducer } from './thread-queue-producer.js';

/** The bounds of a published dual queue. */
export interface PublishedDualQueueOptions {
  /** The maximum number of items in each of its two queues. Default 1,000, as in the article. */
  readonly maxsize?: number;
  /** How much memory the items of the thread side share. Python has no such bound, but shared memory does. Default 1 MiB. */
  readonly bytes?: number;
}

/**
 * Makes an empty published dual queue. Its thread side, `queue.Queue` in the article, is that of `DualQueue`.
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
    // Python waits for a lock without limit.
    lockTimeoutMs: Infinity,
  });
}

/** The item that marks the end: Python's None. */
const pill = null;

/**
 * The article's StateBridge as printed, on the agent whose coroutines consume. It carries what is submitted, once and in order,
 * as long as it is not shut down and its drain task is not cancelled. Its faults, and the scenarios under
 * `scenarios/dual-queue` that show them:
 *
 * - The pill is an item like any other, `null`. If a thread submits `null`, the drain task ends, and what comes after it is
 *   never delivered (`published/null-is-the-pill`).
 * - `shutdown` uses a blocking put for the pill, on the thread of the loop whose drain task would have to make room. If the
 *   queue is full, the loop stops forever (`published/shutdown-of-a-full-queue`).
 * - The drain task holds the item it has taken in a local variable while it waits for room. If it is cancelled there, the item
 *   is lost (`published/item-in-hand`). If it is cancelled while it waits for an item, its executor thread keeps waiting and
 *   takes the next one, which is never delivered (`published/item-for-nobody`). What is still queued stays there, because
 *   `shutdown` then fails with the cancellation (`pitfall/forgotten-cancellation-cleanup`).
 * - Consumers that wait when the drain task ends wait forever (`published/consumer-never-told`).
 * - A submission behind the pill is accepted and lost (`published/submit-after-shutdown`).
 * - A second `shutdown` puts a second pill, which is never taken (`published/second-shutdown`), or waits for room forever.
 *
 * Where Python has a thread of an executor blocked in `get`, this has a coroutine that cannot be cancelled. It takes an item
 * when the loop runs, one item later than a thread would: up to one more item is still in the queue.
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
    // As in Python, the failure of a task shows when the task is awaited.
    done.catch(() => undefined);
    this.#drainer = { done, task };
  }

  /**
   * What happens to the drain task when it is cancelled: `_drainer.cancel()`, or a task group or an event
   * loop that ends before it.
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

  /** `run_in_executor(None, self._thread_q.get)`: it keeps waiting and takes an item, even if no caller waits for it. */
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

/** In a cancelled task, the await ends at once, but the awaited operation continues. */
function unlessCancelled<Value>(value: Promise<Value>, cancelled: AbortSignal): Promise<Value> {
  cancelled.throwIfAborted();
  return new Promise((resolve, reject) => {
    const cancel = (): void => reject(cancelled.reason as Error);
    cancelled.addEventListener('abort', cancel, { once: true });
    value.then(resolve, reject).finally(() => cancelled.removeEventListener('abort', cancel));
  });
}
