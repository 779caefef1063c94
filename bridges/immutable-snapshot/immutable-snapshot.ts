import { limited, type TimedCall, type TimedThreadCall } from '../lock-pair/timed-call.js';
import { requireSize } from '../primitives/limit-errors.js';
import { decodePayload, encodePayload } from '../primitives/payload.js';
import { createVersionPool, VersionPool, type VersionPoolState } from './version-pool.js';

/** A value takes more bytes than a version has room for. Nothing was published. */
export class ValueTooLarge extends RangeError {
  override readonly name = 'ValueTooLarge';
}

/** The size of an immutable snapshot. */
export interface ImmutableSnapshotOptions {
  /** The size of a value as encoded by structured cloning, in bytes: 8 to 268,435,456. Default 4,096. */
  readonly valueBytes?: number | undefined;
  /**
   * How many versions there is memory for: 3 to 1,024. One is current and one is being written. Each of the others lets slow
   * readers hold on to one more old version before writers have to wait. Default 8.
   */
  readonly versions?: number | undefined;
}

/** What all agents of an immutable snapshot share: plain data that `postMessage` and `workerData` carry. */
export interface ImmutableSnapshotState {
  readonly valueBytes: number;
  readonly pool: VersionPoolState;
  /** For each version: the length of the value in bytes, the number of the version, and the bytes. */
  readonly memory: BigInt64Array<SharedArrayBuffer>;
}

/** A value and its version number. The first is version 1. */
export interface Version<Value> {
  readonly version: number;
  readonly value: Value;
}

/** The next value, or a function that makes it from the present one. */
export type NextVersion<Value> = Value | ((present: Value) => Value);

const lengthWord = 0;
const versionWord = 1;
const headerWords = 2;
const wordBytes = BigInt64Array.BYTES_PER_ELEMENT;
const maximumBytes = 2 ** 30;

/**
 * Makes what all agents of an immutable snapshot share, once. Every agent makes its own `ImmutableSnapshot` from it.
 *
 * @param initial version 1
 * @throws RangeError if a size is out of its range, or all versions together take more than 1 GiB; ValueTooLarge or
 *   UncloneablePayload if the value does not fit
 *
 * @example
 * const state = createImmutableSnapshot({ theme: 'dark' }, { valueBytes: 256 });
 * assert.deepEqual(new ImmutableSnapshot<{ theme: string }>(state).read(), { version: 1, value: { theme: 'dark' } });
 */
export function createImmutableSnapshot(
  initial: unknown,
  options: ImmutableSnapshotOptions = {},
): ImmutableSnapshotState {
  const valueBytes = requireSize('valueBytes', options.valueBytes ?? 4_096, 8, 2 ** 28);
  const pool = createVersionPool(options.versions ?? 8);
  const bytes = pool.slots * versionWords(valueBytes) * wordBytes;
  if (bytes > maximumBytes) {
    throw new RangeError(
      `${pool.slots} versions of ${valueBytes} bytes take ${bytes} bytes, but an immutable snapshot has at most ${maximumBytes}.`,
    );
  }
  const memory = new BigInt64Array(new SharedArrayBuffer(bytes));
  memory.set(imageOf(encodeWithin(initial, valueBytes), 1));
  return { valueBytes, pool, memory };
}

/**
 * One value that worker threads and coroutines share. Writers publish whole new versions: a writer writes a new value
 * beside the old one, and makes it current with one atomic operation. A reader gets its own copy of one version, which
 * no other code can change.
 *
 * - **Readers never wait**, for writers or for anything else, and never retry: `read` takes the same few steps whatever writers
 *   do, even if a writer is stopped while it writes.
 * - **Writers wait for each other**, so no change is lost: the function passed to `update` makes the next value from the one
 *   that it replaces. They also wait, with a timeout, if readers hold on to all `versions - 2` old versions.
 * - **A thread that dies** while it writes keeps other writers waiting until their timeouts; `recover(owner)` lets them continue.
 *   A thread that dies while it reads permanently costs the pool one version. Readers notice neither.
 *
 * A limit of the platform: JavaScript has no finalizers to rely on, so old versions are reclaimed by counting their readers.
 * Memory is bounded: it has room for a fixed number of versions.
 *
 * @example
 * const settings = new ImmutableSnapshot<{ retries: number }>(createImmutableSnapshot({ retries: 3 }));
 * const before = settings.read();
 * await settings.update((present) => ({ retries: present.retries + 1 }));
 * assert.deepEqual(before, { version: 1, value: { retries: 3 } });
 * assert.deepEqual(settings.read(), { version: 2, value: { retries: 4 } });
 */
export class ImmutableSnapshot<Value> {
  readonly #valueBytes: number;
  readonly #memory: BigInt64Array<SharedArrayBuffer>;
  readonly #pool: VersionPool;

  /** @param state what `createImmutableSnapshot` returned, on this agent or another; every agent makes one handle */
  constructor(state: ImmutableSnapshotState) {
    this.#valueBytes = state.valueBytes;
    this.#memory = state.memory;
    this.#pool = new VersionPool(state.pool);
  }

  /** The number of this handle. Timeouts name it, and `recover` on another agent takes it. */
  get owner(): number {
    return this.#pool.owner;
  }

  /** The current value, copied, and its version number. Never waits, on any agent. */
  read(): Version<Value> {
    const { version, bytes } = this.#pool.read((slot) => this.#copy(slot));
    return { version, value: decodePayload(bytes) as Value };
  }

  /**
   * Publishes a new value and returns its version number. Blocks the thread until no other writer writes: for worker threads.
   *
   * @param next the value, or a quick function that makes it from the present one while other writers are kept out
   * @throws WaitTimeout; RangeError if `timeoutMs` is negative or not a number; UncloneablePayload or ValueTooLarge if the
   *   value does not fit; what `next` throws; Error on the main thread, and within `next`. Then nothing is published.
   */
  updateFromThread(next: NextVersion<Value>, call: TimedThreadCall = {}): number {
    return this.#pool.publishFromThread((from, to) => this.#make(from, to, next), limited(call));
  }

  /** As `updateFromThread`, but waits without blocking: for event loops. Rejects with what that throws. */
  async update(next: NextVersion<Value>, call: TimedCall = {}): Promise<number> {
    return this.#pool.publish((from, to) => this.#make(from, to, next), limited(call));
  }

  /**
   * Lets other writers write again after the agent of a handle has died while it wrote. Returns whether it was writing. What it
   * wrote is never seen, or is the current version.
   *
   * @param owner the `owner` of that handle. Its agent must have ended: otherwise two agents write at once.
   */
  recover(owner: number): boolean {
    return this.#pool.recover(owner);
  }

  #make(from: number, to: number, next: NextVersion<Value>): number {
    const { version, bytes } = this.#copy(from);
    // Functions cannot be cloned, so no value is one.
    const make = next as (present: Value) => Value;
    const value = typeof next === 'function' ? make(decodePayload(bytes) as Value) : next;
    const image = imageOf(encodeWithin(value, this.#valueBytes), version + 1);
    this.#memory.set(image, to * versionWords(this.#valueBytes));
    return version + 1;
  }

  #copy(slot: number): { readonly version: number; readonly bytes: Uint8Array } {
    const at = slot * versionWords(this.#valueBytes);
    const length = Number(this.#memory[at + lengthWord]);
    const version = Number(this.#memory[at + versionWord]);
    const words = this.#memory.slice(at + headerWords, at + headerWords + Math.ceil(length / wordBytes));
    return { version, bytes: new Uint8Array(words.buffer, 0, length) };
  }
}

function versionWords(valueBytes: number): number {
  return headerWords + Math.ceil(valueBytes / wordBytes);
}

function encodeWithin(value: unknown, valueBytes: number): Uint8Array {
  const bytes = encodePayload(value);
  if (bytes.length <= valueBytes) return bytes;
  throw new ValueTooLarge(`The value takes ${bytes.length} bytes, but a version has ${valueBytes} (valueBytes).`);
}

function imageOf(bytes: Uint8Array, version: number): BigInt64Array {
  const image = new BigInt64Array(headerWords + Math.ceil(bytes.length / wordBytes));
  image[lengthWord] = BigInt(bytes.length);
  image[versionWord] = BigInt(version);
  new Uint8Array(image.buffer, headerWords * wordBytes).set(bytes);
  return image;
}
