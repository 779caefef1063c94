import { ownedLock } from '../primitives/owned-lock.js';
import { decodePayload } from '../primitives/payload.js';
import { UndecodablePayload } from './errors.js';
import {
  advance,
  close,
  depthBetween,
  depthOf,
  headWord,
  isClosed,
  lockWord,
  oneMore,
  producersWord,
  publishedWord,
  takenWord,
  threadNumber,
  unitsOf,
  wordsPerProducer,
  type ThreadQueueMemory,
} from './thread-queue-memory.js';

/**
 * The end of a thread queue that takes from it and closes it. It never blocks, and takes no lock. A queue has one such end,
 * which coroutines of its agent may share.
 *
 * @example
 * const memory = createThreadQueue();
 * const consumer = new ThreadQueueConsumer<string>(memory);
 * new ThreadQueueProducer<string>(memory).putNow('last');
 * consumer.close();
 * assert.equal(consumer.ended, false);
 * assert.deepEqual(consumer.tryGet(), { item: 'last' });
 * assert.equal(consumer.ended, true);
 */
export class ThreadQueueConsumer<Payload = unknown> {
  readonly #memory: ThreadQueueMemory;
  // No other agent changes these two words, so their values are kept here and not read again.
  #taken: number;
  #head: number;

  constructor(memory: ThreadQueueMemory) {
    this.#memory = memory;
    this.#taken = Atomics.load(memory.control, takenWord);
    this.#head = Atomics.load(memory.control, headWord);
  }

  /** Items in the queue. */
  get depth(): number {
    return depthOf(this.#memory);
  }

  /** Whether the queue is closed: it takes nothing more. */
  get closed(): boolean {
    return isClosed(Atomics.load(this.#memory.control, publishedWord));
  }

  /** Whether the queue is closed and everything in it has been taken: no item can come any more. */
  get ended(): boolean {
    const published = Atomics.load(this.#memory.control, publishedWord);
    return isClosed(published) && depthBetween(published, this.#taken) === 0;
  }

  /**
   * Takes the oldest item if there is one. `undefined` says that there is none now, not that none will come; for that see `ended`.
   *
   * @throws UndecodablePayload if it cannot be decoded on this thread; it has been taken
   */
  tryGet(): { readonly item: Payload } | undefined {
    const bytes = this.tryTakeBytes();
    return bytes === undefined ? undefined : { item: payloadOf(bytes) as Payload };
  }

  /** Takes the oldest item if there is one, as `encodePayload` made it. */
  tryTakeBytes(): Uint8Array<ArrayBuffer> | undefined {
    const memory = this.#memory;
    const { control, ring } = memory;
    if (depthBetween(Atomics.load(control, publishedWord), this.#taken) === 0) return undefined;
    const byteLength = Number(ring[this.#head % ring.length]!);
    const units = unitsOf(byteLength);
    const place = (this.#head + 1) % ring.length;
    const item = new BigInt64Array(units - 1);
    const untilWrap = Math.min(item.length, ring.length - place);
    item.set(ring.subarray(place, place + untilWrap));
    item.set(ring.subarray(0, item.length - untilWrap), untilWrap);
    this.#head = advance(memory, this.#head, units);
    this.#taken = oneMore(this.#taken);
    Atomics.store(control, headWord, this.#head);
    // After the head: a producer that sees that something was taken must also see the new room.
    Atomics.store(control, takenWord, this.#taken);
    Atomics.notify(control, takenWord);
    return new Uint8Array(item.buffer, 0, byteLength);
  }

  /**
   * Waits, without blocking, until there may be something to take, the queue has been closed, or `wake` is called. It may
   * return early: look again. It does not keep the process alive.
   */
  async waitForMore(): Promise<void> {
    const { control } = this.#memory;
    const published = Atomics.load(control, publishedWord);
    if (isClosed(published) || depthBetween(published, this.#taken) > 0) return;
    await Atomics.waitAsync(control, publishedWord, published).value;
  }

  /** Ends every pending `waitForMore`. */
  wake(): void {
    Atomics.notify(this.#memory.control, publishedWord);
  }

  /**
   * Puts the end behind everything in the queue. Items added before can still be taken, nothing is added after, and producers
   * that wait for room are woken. It never blocks and needs no room, so it works on a full queue and after a producer has died.
   * A second call does nothing.
   */
  close(): void {
    const { control } = this.#memory;
    if (isClosed(close(control, publishedWord))) return;
    close(control, takenWord);
    this.#taken = Atomics.load(control, takenWord);
    Atomics.notify(control, takenWord);
    // Nothing can be added any more, so the lock protects nothing: every producer that waits for it, even from a dead thread,
    // gets it and finds the queue closed.
    const lock = ownedLock(control, lockWord);
    lock.recover(lock.holder());
    this.wake();
  }

  /**
   * Lets the others continue after a thread with producers has died: frees the lock if the thread had it, and its places among the
   * producers. Items that it added are in the queue. A half-added item is not.
   *
   * @param threadId the id of the Worker's thread; read it early, since the Worker no longer has it once it has ended
   */
  recover(threadId: number): void {
    const { control, producers } = this.#memory;
    const lock = ownedLock(control, lockWord);
    for (let index = 0; index < producers; index++) {
      const word = producersWord + index * wordsPerProducer;
      if (Atomics.load(control, word) !== threadNumber(threadId)) continue;
      lock.recover(Atomics.exchange(control, word + 1, 0));
      Atomics.store(control, word, 0);
    }
    // The thread may have died between adding an item and announcing it.
    this.wake();
  }
}

/**
 * Decodes the payload from these bytes.
 *
 * @throws UndecodablePayload if it cannot be decoded on this thread
 */
export function payloadOf(bytes: Uint8Array): unknown {
  try {
    return decodePayload(bytes);
  } catch (error) {
    throw new UndecodablePayload(error, bytes);
  }
}
