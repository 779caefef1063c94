import { requireSize, requireTimeout } from '../primitives/limit-errors.js';
import { ownedLockWords } from '../primitives/owned-lock.js';

/** The bounds of a thread queue. */
export interface ThreadQueueOptions {
  /** The maximum number of items: 1 to 1,000,000. Default 1,000. */
  readonly capacity?: number;
  /**
   * How much memory the items share: 16 to 2^30 bytes, rounded up to whole units of 8. Each item takes its size as encoded by
   * structured cloning, likewise rounded up, and 8 bytes more. Default 1 MiB.
   */
  readonly bytes?: number;
  /** The maximum number of producers at one time, over all threads: 1 to 65,536. Default 64. */
  readonly producers?: number;
  /**
   * How long a producer waits for another one that is adding something, in milliseconds; Infinity for no limit. The wait takes
   * microseconds unless the other thread has died. Default 10,000.
   */
  readonly lockTimeoutMs?: number;
}

/**
 * A bounded queue of payloads in shared memory: plain data that `postMessage` and `workerData` carry. Producers add to it
 * with `ThreadQueueProducer`, on any agent; one agent takes from it with `ThreadQueueConsumer`.
 */
export interface ThreadQueueMemory {
  readonly kind: 'threadQueue';
  readonly capacity: number;
  readonly bytes: number;
  readonly producers: number;
  readonly lockTimeoutMs: number;
  /** The words below. */
  readonly control: Int32Array<SharedArrayBuffer>;
  /** The items, one after another in a ring: the length in bytes, then the bytes. */
  readonly ring: BigInt64Array<SharedArrayBuffer>;
}

/** The producers' lock. */
export const lockWord = 0;
/** How many items have been added, modulo 2^31; negative once the queue has been closed. Changing it adds the item. */
export const publishedWord = ownedLockWords;
/** How many have been taken, modulo 2^31; negative once the queue has been closed. Producers wait for it to change. */
export const takenWord = publishedWord + 1;
/** Where in the ring the oldest item begins. */
export const headWord = takenWord + 1;
/**
 * Where the next item begins, twice: the lowest bit of `publishedWord` selects the valid one. So a producer that dies before it
 * has changed that bit has changed nothing.
 */
const tailWords = headWord + 1;
/** The thread that consumes, as a number of `threadNumber`, if only one may; otherwise 0. */
export const consumerWord = tailWords + 2;
/** For each possible producer: its thread, and its owner number in the lock. */
export const producersWord = consumerWord + 1;
export const wordsPerProducer = 2;

const closedBit = -(2 ** 31);
const countMask = 2 ** 31 - 1;

/** The size of a unit of the ring. Copying wide units is fast. */
export const unitBytes = 8;
const mebibyte = 2 ** 20;

/**
 * Makes an empty thread queue.
 *
 * @throws RangeError if a limit is out of range
 *
 * @example
 * const memory = createThreadQueue({ capacity: 2, bytes: 1_024 });
 * const producer = new ThreadQueueProducer<string>(memory);
 * const consumer = new ThreadQueueConsumer<string>(memory);
 * producer.putNow('hello');
 * assert.deepEqual(consumer.tryGet(), { item: 'hello' });
 * assert.equal(consumer.tryGet(), undefined);
 */
export function createThreadQueue(options: ThreadQueueOptions = {}): ThreadQueueMemory {
  const { capacity = 1_000, bytes = mebibyte, producers = 64, lockTimeoutMs = 10_000 } = options;
  requireSize('The capacity of a thread queue', capacity, 1, 1_000_000);
  requireSize('The bytes of a thread queue', bytes, 2 * unitBytes, 2 ** 30);
  requireSize('The number of producers', producers, 1, 65_536);
  const units = Math.ceil(bytes / unitBytes);
  const words = producersWord + producers * wordsPerProducer;
  return {
    kind: 'threadQueue',
    capacity,
    bytes: units * unitBytes,
    producers,
    lockTimeoutMs: requireTimeout(lockTimeoutMs),
    control: new Int32Array(new SharedArrayBuffer(words * Int32Array.BYTES_PER_ELEMENT)),
    ring: new BigInt64Array(new SharedArrayBuffer(units * unitBytes)),
  };
}

/** A thread as a word that is never 0: the main thread's id is 0. */
export function threadNumber(threadId: number): number {
  return threadId + 1;
}

/** The word that counts one item more; closed if the word was. */
export function oneMore(word: number): number {
  return (word & closedBit) | ((word + 1) & countMask);
}

/** Whether the queue was closed when `publishedWord` or `takenWord` was this. */
export function isClosed(word: number): boolean {
  return word < 0;
}

/** Marks the word, and with it the queue, as closed. Returns what the word was. */
export function close(control: Int32Array, word: number): number {
  return Atomics.or(control, word, closedBit);
}

/** How many items are in a queue whose words are these, closed or not. */
export function depthBetween(published: number, taken: number): number {
  return (published - taken) & countMask;
}

/** How many items are in the queue. */
export function depthOf({ control }: ThreadQueueMemory): number {
  return depthBetween(Atomics.load(control, publishedWord), Atomics.load(control, takenWord));
}

/** Where the position of the next item stands that is valid while `publishedWord` is this. */
export function tailWordAt(published: number): number {
  return tailWords + (published & 1);
}

/*
 * Positions go round the ring twice before they repeat, so that full and empty differ.
 */

/** The position that many units further on. */
export function advance({ ring }: ThreadQueueMemory, position: number, units: number): number {
  return (position + units) % (2 * ring.length);
}

/** How many units lie between two positions. */
export function unitsBetween({ ring }: ThreadQueueMemory, head: number, tail: number): number {
  return (tail - head + 2 * ring.length) % (2 * ring.length);
}

/** How many units an item of that many bytes takes. */
export function unitsOf(byteLength: number): number {
  return 1 + Math.ceil(byteLength / unitBytes);
}
