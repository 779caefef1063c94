/** Options of `createRecordTable`. */
export interface RecordTableOptions {
  /** How many records fit: 1 to 1,000,000. */
  readonly capacity: number;
  /** How many 32-bit words each record carries: 1 to 1,000. Default 2. */
  readonly payloadWords?: number;
}

/**
 * A table of versioned records in one SharedArrayBuffer. Plain data: it can be the store, or a field of it.
 *
 * The words are, in order: the table's version, the number of records, and for each slot key, version, checksum and payload. A
 * slot whose version is 0 is empty. Slots are filled in order and never emptied.
 */
export interface RecordTable {
  readonly kind: 'recordTable';
  readonly capacity: number;
  readonly payloadWords: number;
  readonly words: Int32Array<SharedArrayBuffer>;
}

/** A record as it was found, torn or whole. */
export interface RecordSnapshot {
  readonly key: number;
  /** How often this record has been written; the first write makes it 1. */
  readonly version: number;
  readonly payload: readonly number[];
  readonly checksum: number;
}

/** A whole table as it was found, word by word. */
export interface TableSnapshot {
  /** How often any record has been written. */
  readonly version: number;
  /** How many records the table says it holds. */
  readonly count: number;
  /** The records found, in the order of their slots. */
  readonly records: readonly RecordSnapshot[];
}

const tableVersion = 0;
const recordCount = 1;
const tableWords = 2;

const keyOffset = 0;
const versionOffset = 1;
const checksumOffset = 2;
const payloadOffset = 3;

const maximumCapacity = 1_000_000;
const maximumPayloadWords = 1_000;

/**
 * Makes an empty record table: a store that `count()`, `checksum()` and `monotonicVersion()` judge without options.
 *
 * @example
 * scenario({
 *   name: 'two writers, one table, no lock',
 *   store: () => createRecordTable({ capacity: 2, payloadWords: 2 }),
 *   writers: {
 *     count: 2,
 *     run({ store, history, index }) {
 *       const entry = { key: index, payload: [index, index] };
 *       const began = history.write(entry);
 *       began.acknowledge(writeRecord(store, entry.key, entry.payload));
 *     },
 *   },
 *   readers: { count: 1, run: ({ store, history }) => history.read(readTable(store)) },
 *   invariants: [count(), checksum(), monotonicVersion()],
 *   expect: 'violation',
 * })
 */
export function createRecordTable({ capacity, payloadWords = 2 }: RecordTableOptions): RecordTable {
  requireWhole('capacity', capacity, 1, maximumCapacity);
  requireWhole('payloadWords', payloadWords, 1, maximumPayloadWords);
  const words = tableWords + capacity * (payloadOffset + payloadWords);
  const buffer = new SharedArrayBuffer(words * Int32Array.BYTES_PER_ELEMENT);
  return { kind: 'recordTable', capacity, payloadWords, words: new Int32Array(buffer) };
}

/**
 * Writes a record, replacing the one with the same key if there is one, and returns the table's new version.
 *
 * It reads and writes one plain word after another and synchronises nothing. Whether others see a whole record, and whether two
 * writers may do this at once, is up to the bridge around it.
 *
 * @param key a 32-bit integer
 * @param payload `table.payloadWords` 32-bit integers
 * @throws RangeError if the key or the payload does not fit, or the key is new and the table is full
 *
 * @example
 * const version = guard.withLock(() => writeRecord(table, 7, [20, 30]));
 */
export function writeRecord(table: RecordTable, key: number, payload: readonly number[]): number {
  requireWord('the key', key);
  if (payload.length !== table.payloadWords) {
    throw new RangeError(`The table's payloads have ${table.payloadWords} words, but this one has ${payload.length}.`);
  }
  for (const [index, word] of payload.entries()) requireWord(`payload word ${index}`, word);

  const { words } = table;
  const slot = findSlot(table, key);
  if (slot < 0) throw new RangeError(`The table is full: it holds ${table.capacity} records, and key ${key} is new.`);
  const version = words[slot + versionOffset]! + 1;
  if (version === 1) {
    words[slot + keyOffset] = key;
    words[recordCount] = words[recordCount]! + 1;
  }
  words[slot + versionOffset] = version;
  for (const [index, word] of payload.entries()) words[slot + payloadOffset + index] = word;
  words[slot + checksumOffset] = recordChecksum(key, version, payload);
  const newTableVersion = words[tableVersion]! + 1;
  words[tableVersion] = newTableVersion;
  return newTableVersion;
}

/**
 * Reads one record as it is, one plain word after another. Check it with `isWholeRecord`, or record it with `history.read` and
 * let the `checksum` invariant do so. Returns `undefined` if no slot has the key.
 *
 * @example
 * const record = readRecord(table, 7);
 * if (record !== undefined) history.read(record);
 */
export function readRecord(table: RecordTable, key: number): RecordSnapshot | undefined {
  requireWord('the key', key);
  for (let index = 0; index < table.capacity; index++) {
    const slot = slotAt(table, index);
    const version = table.words[slot + versionOffset]!;
    if (version === 0) return undefined;
    if (table.words[slot + keyOffset] === key) return readSlot(table, slot, key, version);
  }
  return undefined;
}

/**
 * Reads the table's version, its count, and every record, one plain word after another.
 *
 * @example
 * history.read(guard.withLock(() => readTable(table)));
 */
export function readTable(table: RecordTable): TableSnapshot {
  const version = table.words[tableVersion]!;
  const count = table.words[recordCount]!;
  const records: RecordSnapshot[] = [];
  for (let index = 0; index < table.capacity; index++) {
    const slot = slotAt(table, index);
    const slotVersion = table.words[slot + versionOffset]!;
    if (slotVersion === 0) break;
    records.push(readSlot(table, slot, table.words[slot + keyOffset]!, slotVersion));
  }
  return { version, count, records };
}

/**
 * The checksum for a record's key, version and payload.
 *
 * @example
 * record.checksum === recordChecksum(record.key, record.version, record.payload)
 */
export function recordChecksum(key: number, version: number, payload: readonly number[]): number {
  let hash = mix(mix(0x1b873593, key), version);
  for (const word of payload) hash = mix(hash, word);
  return hash;
}

/** Whether all words of the record come from the same write, as far as a 32-bit checksum can show. */
export function isWholeRecord(record: RecordSnapshot): boolean {
  return record.checksum === recordChecksum(record.key, record.version, record.payload);
}

/** Whether a store (or a part of one) is a record table. */
export function isRecordTable(value: unknown): value is RecordTable {
  return isObject(value) && 'kind' in value && value.kind === 'recordTable' && 'words' in value && 'capacity' in value;
}

/** Whether a value that was read is what `readRecord` returns. */
export function isRecordSnapshot(value: unknown): value is RecordSnapshot {
  return (
    isObject(value) &&
    'key' in value &&
    typeof value.key === 'number' &&
    'version' in value &&
    typeof value.version === 'number' &&
    'checksum' in value &&
    typeof value.checksum === 'number' &&
    'payload' in value &&
    Array.isArray(value.payload)
  );
}

/** Whether a value that was read is what `readTable` returns. */
export function isTableSnapshot(value: unknown): value is TableSnapshot {
  return (
    isObject(value) &&
    'version' in value &&
    typeof value.version === 'number' &&
    'count' in value &&
    typeof value.count === 'number' &&
    'records' in value &&
    Array.isArray(value.records) &&
    value.records.every(isRecordSnapshot)
  );
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function slotAt(table: RecordTable, index: number): number {
  return tableWords + index * (payloadOffset + table.payloadWords);
}

/** The slot that has the key, or else the first empty one, or else -1. */
function findSlot(table: RecordTable, key: number): number {
  for (let index = 0; index < table.capacity; index++) {
    const slot = slotAt(table, index);
    if (table.words[slot + versionOffset] === 0 || table.words[slot + keyOffset] === key) return slot;
  }
  return -1;
}

function readSlot(table: RecordTable, slot: number, key: number, version: number): RecordSnapshot {
  const payload: number[] = [];
  for (let index = 0; index < table.payloadWords; index++) payload.push(table.words[slot + payloadOffset + index]!);
  return { key, version, payload, checksum: table.words[slot + checksumOffset]! };
}

/** One round of MurmurHash3: cheap, and two records that differ in one word never share a checksum. */
function mix(hash: number, word: number): number {
  let scrambled = Math.imul(word, 0xcc9e2d51);
  scrambled = Math.imul((scrambled << 15) | (scrambled >>> 17), 0x1b873593);
  const mixed = hash ^ scrambled;
  return (Math.imul((mixed << 13) | (mixed >>> 19), 5) + 0xe6546b64) | 0;
}

function requireWhole(name: string, value: number, minimum: number, maximum: number): void {
  if (Number.isInteger(value) && value >= minimum && value <= maximum) return;
  throw new RangeError(`${name} must be a whole number from ${minimum} to ${maximum}, but it is ${value}.`);
}

function requireWord(name: string, value: number): void {
  if ((value | 0) === value) return;
  throw new RangeError(`A record is made of 32-bit integers, but ${name} is ${value}.`);
}
