/*
 * The shared memory of a watched value, in 64-bit words:
 *
 *   header   head, places, room, waiting for room
 *   log      `capacity` entries; the one at `version % capacity` is (version, slot)
 *   places   `handles` times: state, cursor, spare slot
 *   slots    `capacity + handles` times: how many bytes, and the bytes
 *
 * A slot is either in the log, and then nobody writes to it, or the spare one of exactly one place, and then nobody reads
 * it. Publishing a transition puts the spare slot into the log in one compare-and-exchange, and takes out the slot that was
 * there a lap ago, as the new spare one.
 */

/** The version of the newest transition; 0 is the initial value. Followers wait on it. */
export const headWord = 0;
/** All places in use are below this one. */
export const placesWord = 1;
/** Differs whenever a follower has moved on while somebody waited for that. */
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
/** Its owner died while it was not certain which slot was the spare one, so it cannot be given to anybody else. */
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

export function entryOf(version: bigint, slot: number): bigint {
  return (version << slotBits) | BigInt(slot);
}

export function versionOf(entry: bigint): bigint {
  return entry >> slotBits;
}

export function slotOf(entry: bigint): number {
  return Number(entry & slotMask);
}

export function placeStart({ capacity }: LogSizes, place: number): number {
  return logStart + capacity + place * wordsPerPlace;
}

export function slotStart(sizes: LogSizes, slot: number): number {
  return placeStart(sizes, sizes.handles) + slot * wordsPerSlot(sizes);
}

export function wordsNeeded(sizes: LogSizes): number {
  return slotStart(sizes, sizes.capacity + sizes.handles);
}

/** Bytes as a slot holds them: their number, then themselves. */
export function inWords(bytes: Uint8Array): BigInt64Array {
  const words = new BigInt64Array(1 + Math.ceil(bytes.length / 8));
  words[0] = BigInt(bytes.length);
  new Uint8Array(words.buffer).set(bytes, 8);
  return words;
}

export function writeSlot(words: BigInt64Array, start: number, content: BigInt64Array): void {
  words.set(content, start);
}

/** A copy of the bytes in a slot. If somebody writes to it meanwhile, it is any bytes. */
export function readSlot(words: BigInt64Array, start: number, valueBytes: number): Uint8Array {
  const length = Math.min(Math.max(Number(words[start]), 0), valueBytes);
  const copy = new BigInt64Array(Math.ceil(length / 8));
  copy.set(words.subarray(start + 1, start + 1 + copy.length));
  return new Uint8Array(copy.buffer, 0, length);
}

function wordsPerSlot({ valueBytes }: LogSizes): number {
  return 1 + Math.ceil(valueBytes / 8);
}
