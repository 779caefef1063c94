import {
  isRecordSnapshot,
  isRecordTable,
  isTableSnapshot,
  isWholeRecord,
  readTable,
  recordChecksum,
  type HistoryEvent,
  type Invariant,
  type InvariantChecker,
  type Moment,
  type RecordSnapshot,
  type RecordTable,
  type Violation,
  type WriteAcknowledged,
} from '../harness/authoring.js';
import { canLeadTo, type Fold, type TimedWrite } from './folding.js';
import { asRecordWrite } from './record-writes.js';
import { areEqual, inWords, keyOf, numbered } from './values.js';

/** What `checksum` accepts as whole, and what it expects to find at the end. */
export interface ChecksumOptions<Store, Content> {
  /**
   * Whether a value passed to `history.read` is whole. It is torn if this returns false, or a sentence that says why. Default:
   * a record, or each record of a table's snapshot, has the right checksum; other values are whole.
   */
  valid?(value: unknown): boolean | string | undefined;
  /**
   * What the store holds, or the record table that holds it. At the end it must equal the `fold` or, without one, be whole.
   * Default: the store itself.
   */
  readonly of?: (store: Store) => Content;
  /**
   * What the store must hold at the end, as the result of the acknowledged writes. They are tried in every order in which they
   * may have taken effect, until one gives what `of` found: two writes that overlapped may have come in either order, and one
   * that was not acknowledged may be missing. If there are too many orders to try, nothing is judged.
   */
  readonly fold?: Fold<NoInfer<Content>>;
}

/**
 * No reader ever sees a torn record, and the store ends as the result of the acknowledged writes.
 *
 * Without options it judges records of a record table, read with `readRecord` or `readTable`: each has the right checksum.
 * Where writers record `history.write({ key, payload })`, it also has a payload that some writer began to write under its key,
 * and at the end that of an acknowledged write which no later one has replaced.
 *
 * @example
 * checksum({ valid: (words: number[]) => words.every((word) => word === words[0]) })
 * @example
 * checksum({
 *   of: (store: Int32Array) => [...store],
 *   fold: { initial: [0, 0], apply: (_, value) => value as number[] },
 * })
 */
export function checksum(): Invariant<RecordTable>;
export function checksum<Store, Content>(options: ChecksumOptions<Store, Content>): Invariant<Store>;
export function checksum<Store, Content>(options: ChecksumOptions<Store, Content> = {}): Invariant<Store> {
  return { name: 'checksum', begin: () => new ChecksumChecker(options) };
}

class ChecksumChecker<Store, Content> implements InvariantChecker<Store> {
  readonly #options: ChecksumOptions<Store, Content>;
  readonly #payloads = new RecordPayloads();
  readonly #writes = new Map<number, TimedWrite>();
  #events = 0;

  constructor(options: ChecksumOptions<Store, Content>) {
    this.#options = options;
  }

  observe(event: HistoryEvent): Violation | undefined {
    const place = this.#events++;
    if (event.kind === 'read')
      return this.#judge(event.value, `${event.participant.role} ${event.participant.index} saw`);
    if (event.kind === 'writeBegan') this.#payloads.began(event.write, event.value, place);
    else this.#payloads.acknowledged(event, place);
    if (this.#options.fold !== undefined) this.#noteWrite(event, place);
    return undefined;
  }

  finish({ store }: Moment<Store>): Violation | undefined {
    const { of, fold } = this.#options;
    const content: unknown = of === undefined ? store : of(store);
    if (fold !== undefined) return this.#judgeFold(fold, content as Content);
    if (isRecordTable(content)) {
      const { records } = readTable(content);
      return this.#judgeRecords(records, 'the store holds') ?? this.#payloads.judgeEnd(records);
    }
    if (of !== undefined) return this.#judge(content, 'the store holds');
    if (this.#options.valid !== undefined) return undefined;
    return {
      expected: 'a record table, or checksum({ valid }) or checksum({ fold }) to say which store content is right',
      found: `${inWords(store)}, and neither option`,
    };
  }

  #noteWrite(event: Exclude<HistoryEvent, { kind: 'read' }>, place: number): void {
    const { write, value } = event;
    if (event.kind === 'writeBegan') {
      this.#writes.set(write, { value, result: undefined, began: place, acknowledged: Infinity });
    } else {
      const began = this.#writes.get(write)?.began ?? place;
      this.#writes.set(write, { value, result: event.result, began, acknowledged: place });
    }
  }

  #judge(value: unknown, finding: string): Violation | undefined {
    const options = this.#options;
    if (options.valid !== undefined) return judgeBy(options.valid(value), value, finding);
    if (isRecordSnapshot(value)) return this.#judgeRecord(value, finding);
    return isTableSnapshot(value) ? this.#judgeRecords(value.records, finding) : undefined;
  }

  #judgeRecords(records: readonly RecordSnapshot[], finding: string): Violation | undefined {
    for (const record of records) {
      const violation = this.#judgeRecord(record, finding);
      if (violation !== undefined) return violation;
    }
    return undefined;
  }

  #judgeRecord(record: RecordSnapshot, finding: string): Violation | undefined {
    if (isWholeRecord(record)) return this.#payloads.judge(record, finding);
    const { key, version, payload } = record;
    return {
      expected: `a whole record: checksum ${recordChecksum(key, version, payload)} for what it holds`,
      found: `${finding} a torn one: ${inWords(record)}`,
    };
  }

  #judgeFold(fold: Fold<Content>, content: Content): Violation | undefined {
    const writes = [...this.#writes.values()];
    if (canLeadTo(writes, fold, (state) => areEqual(state, content)) !== 'no') return undefined;
    const acknowledged = writes.filter((write) => write.acknowledged < Infinity);
    acknowledged.sort((first, second) => first.acknowledged - second.acknowledged);
    let likely = fold.initial;
    for (const { value, result } of acknowledged) likely = fold.apply(likely, value, result);
    return {
      expected: `the sum of ${numbered(acknowledged.length, 'acknowledged write')}, such as ${inWords(likely)}`,
      found: `${inWords(content)}, to which they do not add up in any order`,
    };
  }
}

function judgeBy(verdict: boolean | string | undefined, value: unknown, finding: string): Violation | undefined {
  if (verdict === undefined || verdict === true) return undefined;
  const why = verdict === false ? '' : `, since ${verdict}`;
  return { expected: 'a whole record', found: `${finding} a torn one: ${inWords(value)}${why}` };
}

interface PayloadWrite {
  readonly payload: string;
  readonly began: number;
  acknowledged: number;
}

interface KeyWrites {
  /** Every payload that a writer began to write. */
  readonly payloads: Set<string>;
  /** The writes that could still be the last: none that was acknowledged before another acknowledged one began. */
  candidates: PayloadWrite[];
  latestBegan: number;
}

/** Which payloads the records of a table may have. */
class RecordPayloads {
  readonly #keys = new Map<number, KeyWrites>();
  readonly #pending = new Map<number, PayloadWrite>();
  /** Whether every write has recorded its payload. If not, there is nothing to compare with. */
  #allKnown = true;

  began(id: number, value: unknown, place: number): void {
    const write = asRecordWrite(value);
    if (write?.payload === undefined) {
      this.#allKnown = false;
      return;
    }
    let key = this.#keys.get(write.key);
    if (key === undefined) this.#keys.set(write.key, (key = { payloads: new Set(), candidates: [], latestBegan: -1 }));
    const began = { payload: keyOf(write.payload), began: place, acknowledged: Infinity };
    key.payloads.add(began.payload);
    key.candidates.push(began);
    this.#pending.set(id, began);
  }

  acknowledged({ write: id, value }: WriteAcknowledged, place: number): void {
    const write = this.#pending.get(id);
    const key = this.#keys.get(asRecordWrite(value)?.key ?? Number.NaN);
    if (write === undefined || key === undefined) return;
    this.#pending.delete(id);
    write.acknowledged = place;
    if (write.began <= key.latestBegan) return;
    key.latestBegan = write.began;
    key.candidates = key.candidates.filter((candidate) => candidate.acknowledged > write.began);
  }

  judge({ key, payload }: RecordSnapshot, finding: string): Violation | undefined {
    if (!this.#allKnown || this.#keys.get(key)?.payloads.has(keyOf(payload)) === true) return undefined;
    return {
      expected: `key ${key} with a payload that was written under it`,
      found: `${finding} ${inWords(payload)}, which was never written there`,
    };
  }

  /** Whether the remaining records are what the last writes made them. Missing records are for `count` to report. */
  judgeEnd(records: readonly RecordSnapshot[]): Violation | undefined {
    if (!this.#allKnown) return undefined;
    for (const { key, payload } of records) {
      const candidates = this.#keys.get(key)?.candidates ?? [];
      const left = keyOf(payload);
      if (candidates.some((candidate) => candidate.payload === left)) continue;
      return {
        expected: `key ${key} to end with the payload of its last write: ${candidates.map((write) => write.payload).join(' or ')}`,
        found: `${left}, which a later write had replaced`,
      };
    }
    return undefined;
  }
}
