import { threadId } from 'node:worker_threads';
import type { DualQueueMemory } from './hardened-memory.js';
import { consumerWord, threadNumber, type ThreadQueueMemory } from './thread-queue-memory.js';
import { ThreadQueueProducer } from './thread-queue-producer.js';

/**
 * The submitting end of a dual queue. Each thread makes its own.
 *
 * @example
 * const memory = createDualQueue({ capacity: 1 });
 * const producer = new DualQueueProducer<Map<string, Date>>(memory);
 * producer.submitFromThread(new Map([['now', new Date()]]));
 * assert.throws(() => producer.submitFromThread(new Map()), QueueFull);
 * producer.close();
 */
export class DualQueueProducer<Payload = unknown> {
  readonly #memory: ThreadQueueMemory;
  readonly #producer: ThreadQueueProducer<Payload>;

  /** @throws RangeError if the queue already has its maximum number of producers */
  constructor(memory: DualQueueMemory) {
    this.#memory = memory.threadQueue;
    this.#producer = new ThreadQueueProducer(memory.threadQueue);
  }

  /** Items that threads have submitted and the drain task has not yet moved. */
  get threadQueueDepth(): number {
    return this.#producer.depth;
  }

  /**
   * Submits a payload if there is room for it. When this returns, the queue has taken the payload, and it will be
   * consumed or handed back.
   *
   * It waits only for other threads that are submitting something, which takes microseconds. On the consuming agent, whose
   * loop may not block, it does not wait for those either.
   *
   * @throws QueueFull if there is no room: backpressure
   * @throws PayloadTooLarge if the thread side could never hold it
   * @throws UncloneablePayload if it cannot be copied to another agent
   * @throws QueueClosed after `shutdown` or `cancel`, or after `close`
   * @throws WaitTimeout if another producer held the lock for `lockTimeoutMs`; it has probably died
   */
  submitFromThread(payload: Payload): void {
    this.#producer.putNow(payload, this.#isOnLoop() ? { lockTimeoutMs: 0 } : undefined);
  }

  /**
   * Submits a payload, and waits for room if there is none. Blocks this thread, its event loop included.
   *
   * @param options `timeoutMs`: no timeout by default
   * @throws WaitTimeout if there was no room before the timeout
   * @throws QueueClosed after `shutdown` or `cancel`, even while this waits
   * @throws Error on the consuming agent: it would block the loop that has to make room
   * @throws PayloadTooLarge, UncloneablePayload as `submitFromThread`
   * @throws RangeError if `timeoutMs` is negative
   */
  submit(payload: Payload, options?: { readonly timeoutMs?: number | undefined }): void {
    if (this.#isOnLoop()) {
      throw new Error('submit() would block the event loop that has to make room: use submitFromThread() here.');
    }
    this.#producer.put(payload, options);
  }

  /** Ends this producer. The queue continues. */
  close(): void {
    this.#producer.close();
  }

  #isOnLoop(): boolean {
    return Atomics.load(this.#memory.control, consumerWord) === threadNumber(threadId);
  }
}
