import { requireSize } from '../primitives/limit-errors.js';
import { decodePayload, encodePayload } from '../primitives/payload.js';
import { DictionaryFull, EntryTooLarge, TornEntry } from './dictionary-errors.js';

/** The size of a shared dictionary. */
export interface SharedDictionaryOptions {
  /** How many keys it holds: 1 to 65,536. Default 1,024. */
  readonly entries?: number | undefined;
  /** Bytes for the key (in UTF-8) and the value (as encoded by structured cloning) of one entry: 8 to 1,048,576. Default 256. */
  readonly entryBytes?: number | undefined;
}

/**
 * The memory of a shared dictionary: plain data that `postMessage` and `workerData` carry.
 *
 * `order` holds the number of the last change, the number of keys, and then the numbers of all blocks: first those of the keys,
 * in the order in which they came, then one that the next change writes into, then the unused ones. There is one block more
 * than there are keys. A block holds the hash and the length of its key, the length of its value, the number of the change that
 * wrote it, and the bytes of both.
 */
export interface SharedDictionaryState {
  readonly kind: 'sharedDictionary';
  readonly entries: number;
  readonly entryBytes: number;
  readonly order: Int32Array<SharedArrayBuffer>;
  readonly blocks: BigInt64Array<SharedArrayBuffer>;
}

/** Which change last wrote a key. */
export interface KeyStamp {
  readonly key: string;
  readonly change: number;
}

/** A copy that no other code changes, with nothing decoded yet. */
export interface DictionaryCopy<Value> {
  /** How often the dictionary had been changed; a 32-bit integer that wraps around. */
  readonly change: number;
  /**
   * Every key with its value, in the order in which the keys came.
   *
   * @throws TornEntry if the dictionary was changed while it was copied, and an entry cannot be decoded
   */
  decode(): Map<string, Value>;
}

const changeWord = 0;
const countWord = 1;
const firstBlock = 2;

const headerWords = 2;
const wordBytes = BigInt64Array.BYTES_PER_ELEMENT;
const maximumBytes = 2 ** 30;

interface Header {
  readonly hash: number;
  readonly keyBytes: number;
  readonly valueBytes: number;
  readonly change: number;
}

/**
 * Makes the memory of an empty dictionary, once, for all agents.
 *
 * @throws RangeError if a size is out of its range, or all entries together take more than 1 GiB
 *
 * @example
 * const state = createSharedDictionary({ entries: 16, entryBytes: 64 });
 * assert.equal(new SharedDictionary<number>(state).size, 0);
 */
export function createSharedDictionary(options: SharedDictionaryOptions = {}): SharedDictionaryState {
  const entries = requireSize('entries', options.entries ?? 1_024, 1, 65_536);
  const entryBytes = requireSize('entryBytes', options.entryBytes ?? 256, 8, 2 ** 20);
  const bytes = (entries + 1) * blockWordsOf(entryBytes) * wordBytes;
  if (bytes > maximumBytes) {
    throw new RangeError(
      `${entries} entries of ${entryBytes} bytes take ${bytes} bytes, but a dictionary has at most ${maximumBytes}.`,
    );
  }
  const order = new Int32Array(new SharedArrayBuffer((firstBlock + entries + 1) * Int32Array.BYTES_PER_ELEMENT));
  for (let block = 0; block <= entries; block++) order[firstBlock + block] = block;
  const blocks = new BigInt64Array(new SharedArrayBuffer(bytes));
  return { kind: 'sharedDictionary', entries, entryBytes, order, blocks };
}

/**
 * A dictionary in shared memory, from strings to values that can be structured-cloned, **with no protection at all**: like a
 * dict that threads and coroutines share without a lock. `LockPair` protects it.
 *
 * Unprotected, it loses data. Two agents that add a key at the same time use the same place, and one of the keys is lost
 * (`scenarios/unsynchronised/item-lost.scenario.ts`). A change that reads before it writes, `set(key, get(key) + 1)`, loses
 * another agent's change in between (`scenarios/unsynchronised/count-lost.scenario.ts`). A copy made while another agent
 * writes has values of different moments, and one value may be made of two
 * (`scenarios/unsynchronised/snapshot-torn.scenario.ts`). Alone or under a lock it does none of this. A new value is written
 * beside the old one, and put in its place by the last store. So a writer that dies during a change leaves the old value or
 * the new one, and `repair` restores the rest.
 *
 * A key is found by searching the hashes of all keys: 1,000 keys take about a microsecond.
 *
 * @example
 * const cache = new SharedDictionary<{ hits: number }>(createSharedDictionary({ entries: 2 }));
 * cache.set('home', { hits: 1 });
 * assert.deepEqual(cache.get('home'), { hits: 1 });
 * assert.deepEqual([...cache.copy().decode().keys()], ['home']);
 */
export class SharedDictionary<Value> {
  readonly #entries: number;
  readonly #entryBytes: number;
  readonly #blockWords: number;
  readonly #order: Int32Array<SharedArrayBuffer>;
  readonly #blocks: BigInt64Array<SharedArrayBuffer>;
  readonly #hashes: Int32Array<SharedArrayBuffer>;

  /** @param state what `createSharedDictionary` returned, on this agent or another */
  constructor(state: SharedDictionaryState) {
    this.#entries = state.entries;
    this.#entryBytes = state.entryBytes;
    this.#blockWords = blockWordsOf(state.entryBytes);
    this.#order = state.order;
    this.#blocks = state.blocks;
    this.#hashes = new Int32Array(state.blocks.buffer);
  }

  /** The number of keys. */
  get size(): number {
    return this.#order[countWord]!;
  }

  /** The number of the last change; a 32-bit integer that wraps around. */
  get change(): number {
    return Atomics.load(this.#order, changeWord);
  }

  /** Wakes all that wait in `changedSince`. */
  announce(): void {
    Atomics.notify(this.#order, changeWord);
  }

  /** Waits, without blocking, until `announce` is called, unless the number of the last change already differs from `seen`. */
  async changedSince(seen: number): Promise<void> {
    await Atomics.waitAsync(this.#order, changeWord, seen).value;
  }

  /**
   * The value of a key, copied; `undefined` if there is none.
   *
   * @throws TornEntry if the dictionary was changed during the call, and the entry cannot be decoded
   */
  get(key: string): Value | undefined {
    const name = encodeKey(key);
    const position = this.#find(name);
    if (position < 0) return undefined;
    const block = this.#order[firstBlock + position]!;
    const at = block * this.#blockWords;
    const words = this.#blocks.slice(at, at + this.#blockWords);
    return this.#decodeEntry(words, 0, position)[1];
  }

  /**
   * Adds a key, or replaces its value. Returns the number of the change.
   *
   * @throws UncloneablePayload if the value cannot be structured-cloned; EntryTooLarge if it takes, with its key, more than
   *   `entryBytes`; DictionaryFull if the key is new and there is no room; TypeError if the key is not a string, or has half a
   *   surrogate pair. Then nothing has changed.
   */
  set(key: string, value: Value): number {
    const name = encodeKey(key);
    const payload = encodePayload(value);
    if (name.length + payload.length > this.#entryBytes) {
      throw new EntryTooLarge(
        `The entry of ${JSON.stringify(key)} takes ${name.length} and ${payload.length} bytes, for the key and the value, ` +
          `but an entry of this dictionary has ${this.#entryBytes} (entryBytes).`,
      );
    }
    const position = this.#find(name);
    const count = this.#order[countWord]!;
    if (position < 0 && count >= this.#entries) {
      throw new DictionaryFull(
        `The dictionary is full: it has ${this.#entries} keys (entries), and ${JSON.stringify(key)} is new.`,
      );
    }
    const change = (this.#order[changeWord]! + 1) | 0;
    const image = new BigInt64Array(headerWords + Math.ceil((name.length + payload.length) / wordBytes));
    new Int32Array(image.buffer).set([hashOf(name), name.length, payload.length, change]);
    new Uint8Array(image.buffer, headerWords * wordBytes).set(name);
    new Uint8Array(image.buffer, headerWords * wordBytes + name.length).set(payload);

    const spare = this.#order[firstBlock + count]!;
    this.#blocks.set(image, spare * this.#blockWords);
    if (position < 0) {
      this.#order[countWord] = count + 1;
    } else {
      const replaced = this.#order[firstBlock + position]!;
      this.#order[firstBlock + position] = spare;
      this.#order[firstBlock + count] = replaced;
    }
    Atomics.store(this.#order, changeWord, change);
    return change;
  }

  /** Removes a key; the last key takes its place in the order. Returns whether it was there. */
  delete(key: string): boolean {
    const position = this.#find(encodeKey(key));
    if (position < 0) return false;
    const last = this.#order[countWord]! - 1;
    const removed = this.#order[firstBlock + position]!;
    this.#order[firstBlock + position] = this.#order[firstBlock + last]!;
    this.#order[countWord] = last;
    this.#order[firstBlock + last] = removed;
    Atomics.store(this.#order, changeWord, (this.#order[changeWord]! + 1) | 0);
    return true;
  }

  /** Copies everything at the cost of copying memory, so that no lock is held while values are decoded. */
  copy(): DictionaryCopy<Value> {
    const change = this.#order[changeWord]!;
    const order = this.#order.slice(firstBlock, firstBlock + this.size);
    const used = order.reduce((highest, block) => Math.max(highest, block + 1), 0);
    const blocks = this.#blocks.slice(0, used * this.#blockWords);
    return {
      change,
      decode: () => {
        const values = new Map<string, Value>();
        for (const [position, block] of order.entries()) {
          const [key, value] = this.#decodeEntry(blocks, block * this.#blockWords, position);
          values.set(key, value);
        }
        return values;
      },
    };
  }

  /**
   * Which change wrote each key, by block. A stamp that is already in `known` is taken from there: comparing the two shows what
   * has changed, at the cost of one look at each key.
   */
  stamps(known: ReadonlyMap<number, KeyStamp> = new Map()): Map<number, KeyStamp> {
    const stamps = new Map<number, KeyStamp>();
    for (const [position, block] of this.#order.slice(firstBlock, firstBlock + this.size).entries()) {
      const at = block * this.#blockWords;
      const change = this.#hashes[2 * at + 3]!;
      const stamp = known.get(block);
      if (stamp?.change === change) {
        stamps.set(block, stamp);
      } else {
        const words = this.#blocks.slice(at, at + this.#blockWords);
        stamps.set(block, { key: this.#decodeKey(words, 0, readHeader(words, 0), position), change });
      }
    }
    return stamps;
  }

  /**
   * Repairs what a writer left that died during a change. Keep all others out during the call. The key that was being changed has its
   * old value or its new one, and no other key is touched.
   */
  repair(): void {
    const live = new Set<number>();
    for (let position = 0; position < this.size; position++) live.add(this.#order[firstBlock + position]!);
    const rest: number[] = [];
    for (let block = 0; block <= this.#entries; block++) if (!live.has(block)) rest.push(block);
    this.#order.set([...live, ...rest], firstBlock);
    this.#order[countWord] = live.size;
    Atomics.store(this.#order, changeWord, (this.#order[changeWord]! + 1) | 0);
  }

  /** The key's place in the order, or -1. */
  #find(name: Uint8Array): number {
    const hash = hashOf(name);
    const count = this.size;
    for (let position = 0; position < count; position++) {
      const at = this.#order[firstBlock + position]! * this.#blockWords;
      if (this.#hashes[2 * at] !== hash || this.#hashes[2 * at + 1] !== name.length) continue;
      const words = this.#blocks.slice(at + headerWords, at + headerWords + Math.ceil(name.length / wordBytes));
      const found = new Uint8Array(words.buffer, 0, name.length);
      if (name.every((byte, index) => byte === found[index])) return position;
    }
    return -1;
  }

  #decodeEntry(words: BigInt64Array<ArrayBuffer>, at: number, position: number): [string, Value] {
    const header = readHeader(words, at);
    const key = this.#decodeKey(words, at, header, position);
    const offset = (at + headerWords) * wordBytes + header.keyBytes;
    try {
      return [key, decodePayload(new Uint8Array(words.buffer, offset, header.valueBytes)) as Value];
    } catch (error) {
      throw tornEntry(position, key, error);
    }
  }

  #decodeKey(words: BigInt64Array<ArrayBuffer>, at: number, header: Header, position: number): string {
    const bytes = new Uint8Array(words.buffer, (at + headerWords) * wordBytes);
    if (header.keyBytes + header.valueBytes > this.#entryBytes) throw tornEntry(position, undefined, undefined);
    try {
      return new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(0, header.keyBytes));
    } catch (error) {
      throw tornEntry(position, undefined, error);
    }
  }
}

function blockWordsOf(entryBytes: number): number {
  return headerWords + Math.ceil(entryBytes / wordBytes);
}

function readHeader(words: BigInt64Array<ArrayBuffer>, at: number): Header {
  const [hash, keyBytes, valueBytes, change] = new Int32Array(words.buffer, at * wordBytes, 4);
  return { hash: hash!, keyBytes: keyBytes!, valueBytes: valueBytes!, change: change! };
}

function encodeKey(key: string): Uint8Array {
  if (typeof key !== 'string') throw new TypeError(`A key must be a string, but it is a ${typeof key}.`);
  if (!key.isWellFormed()) throw new TypeError(`The key ${JSON.stringify(key)} has half a surrogate pair.`);
  return new TextEncoder().encode(key);
}

/** FNV-1a: short, and good enough to distinguish keys before their bytes are compared. */
function hashOf(bytes: Uint8Array): number {
  let hash = 0x811c9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash | 0;
}

function tornEntry(position: number, key: string | undefined, cause: unknown): TornEntry {
  const which = key === undefined ? `number ${position}` : `of ${JSON.stringify(key)}`;
  return new TornEntry(`The entry ${which} is torn: the dictionary was changed while it was copied.`, { cause });
}
