import { setImmediate } from 'node:timers/promises';
import { threadId } from 'node:worker_threads';
import { AsyncQueue, QueueClosed, type WaitOptions } from '../primitives/async-queue.js';
import { requireTimeout, WaitTimeout } from '../primitives/limit-errors.js';
import { holdLoop } from '../primitives/loop-hold.js';
import { UndecodablePayload } from './errors.js';
import type { DualQueueMemory } from './hardened-memory.js';
import { payloadOf, ThreadQueueConsumer } from './thread-queue-consumer.js';
import { consumerWord, threadNumber } from './thread-queue-memory.js';

/** All that `watch` needs of a worker to see its death: a Worker object. */
export interface MortalWorker {
  readonly threadId: number;
  once(event: 'exit', listener: () => void): unknown;
}

/** What `cancel` gives back, each list in the order of submission. */
export interface HandedBack<Payload> {
  readonly payloads: Payload[];
  /** Payloads that cannot be decoded on this thread. */
  readonly undecodable: UndecodablePayload[];
}

/** One run of the drain task. */
interface Drain {
  cancelled: boolean;
  done: Promise<void>;
}

/**
 * The end of a dual queue on the agent whose coroutines consume. It has two bounded queues: one in shared memory that threads
 * submit to, and one in this agent's own memory that coroutines consume from. A drain task moves items between them. Neither
 * side ever touches the other's queue.
 *
 * Each submitted item arrives once, in the order of submission across all threads. If consumers are slow, the loop side fills,
 * then the drain task waits, then the thread side fills, and then producers wait or are refused.
 *
 * How it differs from what the article prints (`PublishedDualQueue`), and why:
 *
 * - The poison pill is not an item but a bit of the word that counts the items, and so has its place among them. No payload can
 *   be mistaken for it. It needs no room and no lock, there is only one, and it shuts out everything submitted after it.
 * - The drain task takes an item only if the loop side has room for it, so it never holds one while it waits. Cancel it at any
 *   time, and every item is in one of the queues. From there, call `start`, `shutdown` or `cancel`.
 * - Nothing here blocks the event loop. The drain task yields to it every `itemsPerTurn` items, however fast they arrive.
 * - `Atomics.waitAsync` does not keep a process alive, so the drain task does until it ends. As with the article's executor
 *   thread, a process that never shuts the queue down does not end by itself: submitted items would be lost.
 *
 * @example
 * const memory = createDualQueue({ capacity: 10 });
 * const queue = new DualQueue<string>(memory);
 * queue.start();
 * // In workers, as a rule.
 * const producer = new DualQueueProducer<string>(memory);
 * producer.submitFromThread('first');
 * producer.submitFromThread('second');
 * assert.equal(await queue.consume({ timeoutMs: 1_000 }), 'first');
 * await queue.shutdown();
 * assert.throws(() => producer.submitFromThread('late'), QueueClosed);
 * assert.equal(await queue.consume(), 'second');
 * await assert.rejects(queue.consume(), QueueClosed);
 */
export class DualQueue<Payload = unknown> {
  readonly #memory: DualQueueMemory;
  readonly #threadSide: ThreadQueueConsumer;
  readonly #loopSide: AsyncQueue<Uint8Array>;
  /** The drain task, until it is cancelled. */
  #drain: Drain | undefined;
  /** Set while the drain task waits for room. */
  #roomMade: (() => void) | undefined;
  #shuttingDown = false;
  readonly #ended: Promise<void>;
  #tellEnd!: () => void;

  /** @throws Error if the memory already has such an end, on this agent or another */
  constructor(memory: DualQueueMemory) {
    const { control } = memory.threadQueue;
    if (Atomics.compareExchange(control, consumerWord, 0, threadNumber(threadId)) !== 0) {
      throw new Error('This dual queue already has a DualQueue, and only one may take from it.');
    }
    this.#memory = memory;
    this.#threadSide = new ThreadQueueConsumer(memory.threadQueue);
    this.#loopSide = new AsyncQueue(memory.loopCapacity);
    this.#ended = new Promise((resolve) => (this.#tellEnd = resolve));
  }

  /** Items that threads have submitted and the drain task has not yet moved. */
  get threadQueueDepth(): number {
    return this.#threadSide.depth;
  }

  /** Items that can be consumed without waiting. */
  get loopQueueDepth(): number {
    return this.#loopSide.size;
  }

  /** Whether `shutdown` or `cancel` has been called. */
  get closed(): boolean {
    return this.#shuttingDown;
  }

  /**
   * Starts the drain task.
   *
   * @param options `signal`: cancels the task when it aborts. Nothing is lost: you can call `start` again, and `shutdown` and
   *   `cancel` do not need the task. After a call of `shutdown` the signal is ignored
   * @throws Error if the task is running
   * @throws QueueClosed after `shutdown` or `cancel`
   * @throws the signal's reason if it has aborted
   */
  start(options: { readonly signal?: AbortSignal | undefined } = {}): void {
    const { signal } = options;
    if (this.#shuttingDown) throw new QueueClosed('The dual queue has been shut down and cannot be started again.');
    if (this.#drain !== undefined) throw new Error('The drain task is already running.');
    signal?.throwIfAborted();
    const drain = this.#startDrain();
    if (signal === undefined) return;
    const abort = (): void => {
      if (!this.#shuttingDown) this.#cancelDrain();
    };
    signal.addEventListener('abort', abort, { once: true });
    void drain.done.finally(() => signal.removeEventListener('abort', abort));
  }

  /**
   * Takes the oldest item, and waits for one if there is none. Waiting consumers are served in order.
   *
   * @throws QueueClosed (rejects with it) when the queue has been shut down and everything in it has been consumed
   * @throws WaitTimeout (rejects with it) if no item arrived within `timeoutMs`
   * @throws UndecodablePayload (rejects with it) if the item cannot be decoded on this thread; the next call takes the next
   * @throws the signal's reason (rejects with it) if it aborts. A call that gives up has taken nothing
   */
  async consume(options: WaitOptions = {}): Promise<Payload> {
    const taken = this.#loopSide.get(options);
    this.#tellRoom();
    return payloadOf(await taken) as Payload;
  }

  /** Consumes until the end: `for await (const item of queue)`. Several loops share the items. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Payload, void, undefined> {
    while (true) {
      const next = await this.consume().then(
        (payload) => ({ payload }),
        (error: unknown) => {
          if (error instanceof QueueClosed) return undefined;
          throw error;
        },
      );
      if (next === undefined) return;
      yield next.payload;
    }
  }

  /**
   * Ends the queue in order. Before this returns, the pill is in its place, and later submissions fail with `QueueClosed`. Then
   * it waits until the drain task has moved what was submitted before. The loop side needs room for that, and so consumers.
   * Consumers then get what is left; the remaining ones are rejected with `QueueClosed`.
   *
   * Every further call waits for the same shutdown. If a call gives up waiting, the shutdown continues.
   *
   * @throws WaitTimeout (rejects with it) if there was still something to move after `timeoutMs`
   * @throws the signal's reason (rejects with it) if it aborts
   * @throws RangeError (rejects with it) if `timeoutMs` is negative: then nothing has happened
   */
  async shutdown(options: WaitOptions = {}): Promise<void> {
    const timeoutMs = requireTimeout(options.timeoutMs);
    options.signal?.throwIfAborted();
    this.#close();
    await this.#waitForEnd(timeoutMs, options.signal);
  }

  /**
   * Ends the queue at once, even during a shutdown, and hands back what was submitted and not consumed. Pending calls of
   * `consume` are rejected with `QueueClosed`, those of `shutdown` are fulfilled. A second call hands back nothing.
   *
   * @example
   * const memory = createDualQueue();
   * const queue = new DualQueue<number>(memory);
   * new DualQueueProducer<number>(memory).submitFromThread(1);
   * const { payloads } = queue.cancel();
   * assert.deepEqual(payloads, [1]);
   */
  cancel(): HandedBack<Payload> {
    this.#shuttingDown = true;
    this.#threadSide.close();
    this.#cancelDrain();
    const left = this.#loopSide.drain();
    for (let bytes = this.#threadSide.tryTakeBytes(); bytes !== undefined; bytes = this.#threadSide.tryTakeBytes()) {
      left.push(bytes);
    }
    this.#end();
    const handedBack: HandedBack<Payload> = { payloads: [], undecodable: [] };
    for (const bytes of left) {
      try {
        handedBack.payloads.push(payloadOf(bytes) as Payload);
      } catch (error) {
        if (!(error instanceof UndecodablePayload)) throw error;
        handedBack.undecodable.push(error);
      }
    }
    return handedBack;
  }

  /**
   * Lets the other producers continue if this worker dies while it is submitting something. Without it they wait for
   * `lockTimeoutMs`, each time, or until `shutdown`. Call it right after you create the worker.
   */
  watch(worker: MortalWorker): void {
    const { threadId: watched } = worker;
    worker.once('exit', () => this.recover(watched));
  }

  /** What `watch` does when the worker has ended, for programs that learn of it in another way. Never use it for a live thread. */
  recover(deadThreadId: number): void {
    this.#threadSide.recover(deadThreadId);
  }

  #startDrain(): Drain {
    const drain: Drain = { cancelled: false, done: Promise.resolve() };
    this.#drain = drain;
    drain.done = this.#move(drain);
    return drain;
  }

  #cancelDrain(): void {
    const drain = this.#drain;
    if (drain === undefined) return;
    this.#drain = undefined;
    drain.cancelled = true;
    this.#tellRoom();
    this.#threadSide.wake();
  }

  /** The drain task. Between two of its awaits it either moves an item completely or leaves it where it is. */
  async #move(drain: Drain): Promise<void> {
    const { itemsPerTurn } = this.#memory;
    const release = holdLoop();
    try {
      let moved = 0;
      while (!drain.cancelled) {
        if (this.#loopSide.size >= this.#loopSide.capacity) {
          await this.#waitForRoom();
          continue;
        }
        const bytes = this.#threadSide.tryTakeBytes();
        if (bytes === undefined) {
          if (this.#threadSide.ended) {
            this.#end();
            return;
          }
          await this.#threadSide.waitForMore();
          continue;
        }
        this.#loopSide.tryPut(bytes);
        // Consumers that await nothing else are served by microtasks: the loop would never turn while items keep coming.
        if (++moved % itemsPerTurn === 0) await setImmediate();
      }
    } finally {
      release();
    }
  }

  #waitForRoom(): Promise<void> {
    return new Promise((resolve) => (this.#roomMade = resolve));
  }

  #tellRoom(): void {
    // A drain task that is woken looks again, and may be woken for nothing. Forget the callback here, not when the task goes
    // on: the next drain task may be waiting at that point.
    const tell = this.#roomMade;
    this.#roomMade = undefined;
    tell?.();
  }

  #close(): void {
    if (this.#shuttingDown) return;
    this.#shuttingDown = true;
    this.#threadSide.close();
    if (this.#drain === undefined) this.#startDrain();
  }

  #end(): void {
    this.#loopSide.close();
    this.#tellEnd();
  }

  async #waitForEnd(timeoutMs: number, signal: AbortSignal | undefined): Promise<void> {
    if (timeoutMs === Infinity && signal === undefined) return this.#ended;
    let giveUp: () => void = () => undefined;
    let timer: NodeJS.Timeout | undefined;
    const givenUp = new Promise<never>((_, reject) => {
      giveUp = () => reject(signal?.reason as Error);
      signal?.addEventListener('abort', giveUp, { once: true });
      if (timeoutMs === Infinity) return;
      timer = setTimeout(() => reject(this.#notDrained(timeoutMs)), timeoutMs);
    });
    try {
      await Promise.race([this.#ended, givenUp]);
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', giveUp);
    }
  }

  #notDrained(timeoutMs: number): WaitTimeout {
    return new WaitTimeout(
      `The dual queue was not drained within ${timeoutMs} ms. Items left: ${this.loopQueueDepth} on the loop side, ${this.threadQueueDepth} on the thread side. Consume them, or cancel() to get them back.`,
    );
  }
}
