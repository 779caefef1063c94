import { threadId } from 'node:worker_threads';
import type { DualQueueMemory } from './hardened-memory.js';
import { consumerWord, threadNumber, type ThreadQueueMemory } from './thread-queue-memory.js';
import { ThreadQueueProducer } from './thread-queue-producer.js';

/**
 * The end of a dual queue that submits. Each thread makes its own.
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

  /** @throws RangeError if the queue has as many producers as it may */
  constructor(memory: DualQueueMemory) {
    this.#memory = memory.threadQueue;
    this.#producer = new ThreadQueueProducer(memory.threadQueue);
  }

  /** Items that threads have submitted and the drain task has not moved yet. */
  get threadQueueDepth(): number {
    return this.#producer.depth;
  }

  /**
   * Submits a payload if there is room for it. When this returns the payload has been taken, and will be consumed or handed
   * back.
   *
   * It waits for nothing but other threads that are just submitting something, which takes microseconds. On the agent that
   * consumes, whose loop may not block, it does not wait for those either.
   *
   * @throws QueueFull if there is no room: backpressure
   * @throws PayloadTooLarge if the thread side could never hold it
   * @throws UncloneablePayload if it cannot be copied to another agent
   * @throws QueueClosed after `shutdown` or `cancel`, or after `close`
   * @throws WaitTimeout if another producer kept the lock for `lockTimeoutMs`; it has probably died
   */
  submitFromThread(payload: Payload): void {
    this.#producer.putNow(payload, this.#isOnLoop() ? { lockTimeoutMs: 0 } : undefined);
  }

  /**
   * Submits a payload, and waits for room if there is none. Blocks this thread, its event loop included.
   *
   * @param options `timeoutMs`: default none
   * @throws WaitTimeout if there was no room in time
   * @throws QueueClosed after `shutdown` or `cancel`, also while this waited
   * @throws Error on the agent that consumes: it would block the loop that has to make room
   * @throws PayloadTooLarge, UncloneablePayload as `submitFromThread`
   * @throws RangeError if `timeoutMs` is negative
   */
  submit(payload: Payload, options?: { readonly timeoutMs?: number | undefined }): void {
    if (this.#isOnLoop()) {
      throw new Error('submit() would block the event loop that has to make room: use submitFromThread() there.');
    }
    this.#producer.put(payload, options);
  }

  /** Says that this producer submits no more. The queue goes on. */
  close(): void {
    this.#producer.close();
  }

  #isOnLoop(): boolean {
    return Atomics.load(this.#memory.control, consumerWord) === threadNumber(threadId);
  }
}
