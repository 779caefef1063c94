import {
  createSharedDictionary,
  type SharedDictionaryOptions,
  type SharedDictionaryState,
} from '../unsynchronised/shared-dictionary.js';
import { createStateLock, type StateLockState } from './state-lock.js';

/** What all agents of a lock pair share: plain data that `postMessage` and `workerData` carry. */
export interface LockPairState {
  readonly dictionary: SharedDictionaryState;
  /** The lock of threads in the published design, the only lock in the hardened one. */
  readonly lock: StateLockState;
  /** How many handles of the hardened design observe changes. */
  readonly observers: Int32Array<SharedArrayBuffer>;
}

/**
 * Makes what all agents of a lock pair share, once. Every agent makes its own `LockPair` from it.
 *
 * @param options the size of the dictionary
 * @throws RangeError if a size is out of its range
 *
 * @example
 * const state = createLockPair({ entries: 16 });
 * assert.equal((await new LockPair<number>(state).read()).size, 0);
 */
export function createLockPair(options: SharedDictionaryOptions = {}): LockPairState {
  return {
    dictionary: createSharedDictionary(options),
    lock: createStateLock(),
    observers: new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)),
  };
}
