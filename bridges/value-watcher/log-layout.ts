/*
 * The shared memory of a watched value, in 64-bit words:
 *
 *   header   head, places, room, waiting for room
 *   log      `capacity` entries; the one at `version % capacity` is (version, slot)
 *   places   `handles` times: state, cursor, spare slot
 *   slots    `capacity + handles` times: how many bytes, and the bytes
 *
 * A slot is either in the log, and then it is never written, or the spare one of exactly one place, and then it is never read.
 * Publishing a transition puts the spare slot into the log in one compare-and-exchange, and takes out the slot that was there a
 * lap ago, as the new spare one.
 */

/** The version of the newest transition; 0 is the initial value. Followers wait on it. */
export const headWord = 0;
/** All places in use are below this one. */
export const placesWord = 1;
/** Changes whenever a follower has moved on while a setter waited for that. */
export const roomWord = 2;
/** How many setters wait for a follower to move on. */
export const waitingForRoomWord = 3;
export const logStart = 4;

const wordsPerPlace = 3;
export const stateOffset = 0;
/** Up to which version the place's owner has taken transitions out of the log. */
export const cursorOffset = 1;
export const spareOffset = 2;

export const placeFree = 0n;
export const placeTaken = 1n;
/** Its owner died while it was uncertain which slot was the spare one, so the place cannot be reused. */
export const placeRetired = 2n;
export const notFollowing = -1n;
/** Its owner is about to exchange the spare slot. */
export const spareUncertain = -1n;

const slotBits = 16n;
const slotMask = (1n << slotBits) - 1n;

export interface LogSizes {
  readonly capacity: number;
  readonly valueBytes: number;
  readonly handles: number;
}

interface Log extends LogSizes {
  readonly words: BigInt64Array;
}

/** The word of the log for a version whose value is in this slot. */
export function entryOf(version: bigint, slot: number): bigint {
  return (version << slotBits) | BigInt(slot);
}

/** The version in a word of the log. */
export function versionOf(entry: bigint): bigint {
  return entry >> slotBits;
}

/** The slot in a word of the log. */
export function slotOf(entry: bigint): number {
  return Number(entry & slotMask);
}

/** The first word of a place. */
export function placeStart({ capacity }: LogSizes, place: number): number {
  return logStart + capacity + place * wordsPerPlace;
}

/** The first word of a slot. */
export function slotStart(sizes: LogSizes, slot: number): number {
  return placeStart(sizes, sizes.handles) + slot * wordsPerSlot(sizes);
}

/** How many words a watched value of these sizes takes. */
export function wordsNeeded(sizes: LogSizes): number {
  return slotStart(sizes, sizes.capacity + sizes.handles);
}

const lengthBytes = 4;

/** Bytes as a slot holds them: their number in 32 bits, then the bytes. */
export function inWords(bytes: Uint8Array): BigInt64Array {
  const words = new BigInt64Array(wordsFor(bytes.length));
  new Int32Array(words.buffer)[0] = bytes.length;
  new Uint8Array(words.buffer).set(bytes, lengthBytes);
  return words;
}

/** How many words `inWords` makes of so many bytes. */
export function wordsFor(bytes: number): number {
  return Math.ceil((lengthBytes + bytes) / 8);
}

/** Writes what `inWords` has arranged into a slot, which must be the writer's own spare one. */
export function writeSlot(log: Log, slot: number, content: BigInt64Array): void {
  log.words.set(content, slotStart(log, slot));
}

/** A copy of the bytes in a slot. If the slot is written during the call, the bytes are arbitrary. */
export function readSlot(log: Log, slot: number): Uint8Array {
  return copyBytes(log.words, slotStart(log, slot), log.valueBytes);
}

/** A copy of bytes that `inWords` arranged, at most `limit`. */
export function copyBytes(words: BigInt64Array, start: number, limit: number): Uint8Array {
  const first = BigInt64Array.of(words[start]!);
  const length = Math.min(Math.max(new Int32Array(first.buffer)[0]!, 0), limit);
  const copy = new BigInt64Array(wordsFor(length));
  copy.set(first);
  copy.set(words.subarray(start + 1, start + copy.length), 1);
  return new Uint8Array(copy.buffer, lengthBytes, length);
}

function wordsPerSlot({ valueBytes }: LogSizes): number {
  return wordsFor(valueBytes);
}
