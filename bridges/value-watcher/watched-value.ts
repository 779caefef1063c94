import { requireSize } from '../primitives/limit-errors.js';
import { decodePayload, encodePayload } from '../primitives/payload.js';
import * as layout from './log-layout.js';
import { WatchedValueTooLarge } from './watcher-errors.js';

/** The size of a watched value. */
export interface WatchedValueOptions {
  /**
   * How many transitions are kept for watching agents that have not yet looked: 2 to 32,768. When an agent is that many behind,
   * setters get `WatcherLagging`. Default 256.
   */
  readonly capacity?: number | undefined;
  /** How many bytes a value may take, as encoded by structured cloning: 1 to 1,048,576. Default 1,024. */
  readonly valueBytes?: number | undefined;
  /** The maximum number of open watchers, on all agents together: 1 to 16,384. Default 64. */
  readonly handles?: number | undefined;
}

/** A value that is watched: plain data, which you send to other agents in `workerData` or a message. */
export interface WatchedValue<T> {
  readonly kind: 'watchedValue';
  readonly capacity: number;
  readonly valueBytes: number;
  readonly handles: number;
  /** Everything that is shared: see `log-layout.ts`. */
  readonly words: BigInt64Array<SharedArrayBuffer>;
  /** Never present: carries the value's type. */
  readonly type?: T;
}

/**
 * Makes a value that agents can watch, each with its own `ValueWatcher`.
 *
 * Takes about `(capacity + handles) * valueBytes` bytes of shared memory.
 *
 * @param initial any value that structured cloning can copy
 * @throws UncloneablePayload, WatchedValueTooLarge
 * @throws RangeError if an option is out of its bounds
 *
 * @example
 * const shared = createWatchedValue('disconnected', { capacity: 64 });
 * const watcher = new ValueWatcher(shared);
 * assert.equal(watcher.value, 'disconnected');
 * watcher.close();
 */
export function createWatchedValue<T>(initial: T, options: WatchedValueOptions = {}): WatchedValue<T> {
  const capacity = requireSize('capacity', options.capacity ?? 256, 2, 32_768);
  const valueBytes = requireSize('valueBytes', options.valueBytes ?? 1_024, 1, 1_048_576);
  const handles = requireSize('handles', options.handles ?? 64, 1, 16_384);
  const sizes = { capacity, valueBytes, handles };
  const bytes = encodeValue(initial, valueBytes);
  const words = new BigInt64Array(new SharedArrayBuffer(8 * layout.wordsNeeded(sizes)));
  // Version 0 is the initial value. The log's other entries hold transitions that never happened, one lap before.
  for (let index = 0; index < capacity; index++) {
    words[layout.logStart + index] = layout.entryOf(BigInt(index === 0 ? 0 : index - capacity), index);
  }
  for (let place = 0; place < handles; place++) {
    const at = layout.placeStart(sizes, place);
    words[at + layout.stateOffset] = layout.placeFree;
    words[at + layout.cursorOffset] = layout.notFollowing;
    words[at + layout.spareOffset] = BigInt(capacity + place);
  }
  layout.writeSlot({ ...sizes, words }, 0, layout.inWords(bytes));
  return { kind: 'watchedValue', ...sizes, words };
}

/** @throws UncloneablePayload, WatchedValueTooLarge */
export function encodeValue(value: unknown, valueBytes: number): Uint8Array {
  const bytes = encodePayload(value);
  if (bytes.length <= valueBytes) return bytes;
  throw new WatchedValueTooLarge(
    `The value takes ${bytes.length} bytes, and there is room for ${valueBytes}: raise valueBytes, or watch something smaller.`,
  );
}

/** A copy of the value that `encodeValue` encoded. */
export function decodeValue(bytes: Uint8Array): unknown {
  return decodePayload(bytes);
}
