import { threadId } from 'node:worker_threads';
import { QueueClosed } from '../primitives/async-queue.js';
import { requireTimeout, WaitTimeout } from '../primitives/limit-errors.js';
import { ownedLock, type OwnedLock } from '../primitives/owned-lock.js';
import { encodePayload } from '../primitives/payload.js';
import { PayloadTooLarge, QueueFull } from './errors.js';
import {
  advance,
  depthBetween,
  depthOf,
  headWord,
  isClosed,
  lockWord,
  oneMore,
  producersWord,
  publishedWord,
  tailWordAt,
  takenWord,
  threadNumber,
  unitBytes,
  unitsBetween,
  unitsOf,
  wordsPerProducer,
  type ThreadQueueMemory,
} from './thread-queue-memory.js';

/** A payload as it goes into the ring: its length in bytes, then the bytes, padded. */
type Item = BigInt64Array<ArrayBuffer>;

/** The state of a queue that had no room. */
interface Full {
  readonly depth: number;
  /** The value of `takenWord` that must change before there can be room. */
  readonly taken: number;
}

/**
 * The end of a thread queue that adds to it. Each thread makes its own, or several.
 *
 * Producers exclude each other with a lock while they copy; the consumer takes without it. A thread that dies while it has the
 * lock leaves nothing half added in the queue: `ThreadQueueConsumer.recover` lets the others continue.
 *
 * @example
 * const memory = createThreadQueue({ capacity: 1 });
 * const producer = new ThreadQueueProducer<number>(memory);
 * producer.putNow(1);
 * assert.throws(() => producer.putNow(2), QueueFull);
 * assert.throws(() => producer.put(2, { timeoutMs: 1 }), WaitTimeout);
 * producer.close();
 */
export class ThreadQueueProducer<Payload = unknown> {
  readonly #memory: ThreadQueueMemory;
  readonly #lock: OwnedLock;
  readonly #registration: number;
  #open = true;

  /** @throws RangeError if the queue has its maximum number of producers; `close` one, or `recover` those of dead threads */
  constructor(memory: ThreadQueueMemory) {
    this.#memory = memory;
    this.#lock = ownedLock(memory.control, lockWord);
    this.#registration = register(memory, this.#lock.owner);
  }

  /** Items in the queue, of all producers. */
  get depth(): number {
    return depthOf(this.#memory);
  }

  /**
   * Adds a payload if there is room for it. When this returns, the payload will be delivered before
   * the consumer sees the end.
   *
   * @param options `lockTimeoutMs`: how long to wait for another producer. Default that of the queue
   * @throws QueueFull if there is no room
   * @throws PayloadTooLarge if there can never be room
   * @throws UncloneablePayload if the payload cannot be copied
   * @throws QueueClosed if the queue, or this producer, has been closed
   * @throws WaitTimeout if another producer kept the lock for too long; it has probably died
   */
  putNow(payload: Payload, options?: { readonly lockTimeoutMs?: number | undefined }): void {
    const lockTimeoutMs = requireTimeout(options?.lockTimeoutMs ?? this.#memory.lockTimeoutMs);
    const item = this.#encode(payload);
    const full = this.#offer(item, lockTimeoutMs);
    if (full !== undefined) throw this.#queueFull(item, full);
  }

  /**
   * Adds a payload, and waits for room if there is none. Blocks the whole agent, its event loop included: for worker threads.
   * Waiting producers are not served in order: a large payload may have to let smaller ones pass.
   *
   * @param options `timeoutMs`: no timeout by default
   * @throws WaitTimeout if there was no room before the timeout, or another producer kept the lock for too long
   * @throws QueueClosed if the queue has been closed, even while this waits
   * @throws PayloadTooLarge, UncloneablePayload as `putNow`
   * @throws RangeError if `timeoutMs` is negative
   */
  put(payload: Payload, options?: { readonly timeoutMs?: number | undefined }): void {
    const timeoutMs = requireTimeout(options?.timeoutMs);
    const item = this.#encode(payload);
    const deadlineMs = timeoutMs === Infinity ? Infinity : performance.now() + timeoutMs;
    let leftMs = timeoutMs;
    while (true) {
      const full = this.#offer(item, Math.min(leftMs, this.#memory.lockTimeoutMs));
      if (full === undefined) return;
      if (deadlineMs !== Infinity) leftMs = deadlineMs - performance.now();
      if (leftMs <= 0) throw new WaitTimeout(`No room within ${timeoutMs} ms. ${this.#queueFull(item, full).message}`);
      Atomics.wait(this.#memory.control, takenWord, full.taken, leftMs);
    }
  }

  /** Ends this producer. The queue continues. A second call does nothing. */
  close(): void {
    if (!this.#open) return;
    this.#open = false;
    unregister(this.#memory, this.#registration);
  }

  #encode(payload: Payload): Item {
    if (!this.#open) throw new QueueClosed('This producer has been closed: it submits nothing more.');
    const bytes = encodePayload(payload);
    const limitBytes = (this.#memory.ring.length - 1) * unitBytes;
    if (bytes.byteLength > limitBytes) throw new PayloadTooLarge(bytes.byteLength, limitBytes);
    const item = new BigInt64Array(unitsOf(bytes.byteLength));
    item[0] = BigInt(bytes.byteLength);
    new Uint8Array(item.buffer).set(bytes, unitBytes);
    return item;
  }

  /** Adds the item, or returns what prevented it. */
  #offer(item: Item, lockTimeoutMs: number): Full | undefined {
    this.#enter(lockTimeoutMs);
    try {
      const full = this.#add(item);
      if (full !== undefined) return full;
    } finally {
      this.#leave();
    }
    Atomics.notify(this.#memory.control, publishedWord);
    return undefined;
  }

  #add(item: Item): Full | undefined {
    const memory = this.#memory;
    const { control, ring, capacity } = memory;
    // The order matters: closing changes the other word first, so a producer that finds the queue open here does not wait for a
    // word that never changes again.
    const taken = Atomics.load(control, takenWord);
    const published = Atomics.load(control, publishedWord);
    if (isClosed(published)) throw closedError();
    const depth = depthBetween(published, taken);
    if (depth >= capacity) return { depth, taken };
    const head = Atomics.load(control, headWord);
    const tail = Atomics.load(control, tailWordAt(published));
    if (item.length > ring.length - unitsBetween(memory, head, tail)) return { depth, taken };

    const place = tail % ring.length;
    const untilWrap = ring.length - place;
    ring.set(item.subarray(0, untilWrap), place);
    if (item.length > untilWrap) ring.set(item.subarray(untilWrap), 0);
    const next = oneMore(published);
    Atomics.store(control, tailWordAt(next), advance(memory, tail, item.length));
    // From here on the item is in the queue, unless the queue was closed just now.
    if (Atomics.compareExchange(control, publishedWord, published, next) !== published) throw closedError();
    return undefined;
  }

  #enter(timeoutMs: number): void {
    try {
      this.#lock.lock({ timeoutMs });
    } catch (error) {
      if (!(error instanceof WaitTimeout)) throw error;
      throw new WaitTimeout(
        `Another producer held the queue's lock for ${timeoutMs} ms. If its thread has died, recover() it where the queue is consumed.`,
        { cause: error },
      );
    }
  }

  #leave(): void {
    try {
      this.#lock.unlock();
    } catch (error) {
      // Closing a queue takes the lock away from its holder: it no longer protects anything.
      if (!isClosed(Atomics.load(this.#memory.control, publishedWord))) throw error;
    }
  }

  #queueFull(item: Item, { depth }: Full): QueueFull {
    const { capacity, bytes } = this.#memory;
    const message =
      depth >= capacity
        ? `The queue is full: it holds ${depth} of at most ${capacity} items.`
        : `The queue has no room for an item of ${item.byteLength} bytes: ${depth} of at most ${capacity} items share its ${bytes} bytes.`;
    return new QueueFull(message, capacity, depth);
  }
}

function closedError(): QueueClosed {
  return new QueueClosed('The queue has been closed: the payload was not taken.');
}

/** Records which thread an owner of the lock belongs to. Returns the word that records it. */
function register({ control, producers }: ThreadQueueMemory, owner: number): number {
  for (let index = 0; index < producers; index++) {
    const word = producersWord + index * wordsPerProducer;
    if (Atomics.compareExchange(control, word, 0, threadNumber(threadId)) !== 0) continue;
    Atomics.store(control, word + 1, owner);
    return word;
  }
  throw new RangeError(
    `The queue already has ${producers} producers, its maximum: close one, recover() those of threads that have died, or raise \`producers\`.`,
  );
}

function unregister({ control }: ThreadQueueMemory, word: number): void {
  Atomics.store(control, word + 1, 0);
  Atomics.store(control, word, 0);
}
