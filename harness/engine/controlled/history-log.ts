import { deserialize, serialize } from 'node:v8';
import type { Kernel } from '../../kernel/kernel.js';
import * as at from '../../kernel/layout.js';
import type { KernelMemory } from '../../kernel/layout.js';
import { describeTooLargeValues, describeTooManyEvents } from '../../scenario/history-bounds.js';
import type { Participant, HistoryEvent } from '../../scenario/history.js';

const kinds = ['writeBegan', 'writeAcknowledged', 'read'] as const;
const roles = ['writer', 'reader', 'program'] as const;

/* One row: 8 words, and then a number that takes up two words. */
const KIND = 0;
const AGENT = 1;
const ROLE = 2;
const INDEX = 3;
const WRITE = 4;
const EVENT_STEP = 5;
const VALUE_KIND = 6;
const VALUE_START = 7;
const numberPlace = 4;

const valueKinds = { undefined: 0, number: 1, json: 2, serialized: 3, null: 4, true: 5, false: 6 } as const;

/** Whether JSON restores the value unchanged. A cheap test that covers most values in histories. */
function survivesJson(value: unknown, depth: number): boolean {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return true;
    case 'number':
      return Number.isFinite(value) && !Object.is(value, -0);
    case 'object': {
      if (value === null) return true;
      if (depth === 0) return false;
      if (Array.isArray(value)) {
        // JSON loses holes, and properties other than elements.
        return Object.keys(value).length === value.length && value.every((item) => survivesJson(item, depth - 1));
      }
      if (Object.getPrototypeOf(value) !== Object.prototype || 'toJSON' in value) return false;
      return Object.values(value).every((item) => survivesJson(item, depth - 1));
    }
    default:
      return false;
  }
}

const jsonDepth = 6;

/** One object per participant, since there are few participants and many events. */
const participants: Readonly<Record<Participant['role'], Participant[]>> = { writer: [], reader: [], program: [] };

function participantOf(role: Participant['role'], index: number): Participant {
  return (participants[role][index] ??= Object.freeze({ role, index }));
}

/** An event as an agent reads it from the log; values are decoded when they are first read. */
class LoggedEvent {
  readonly kind: (typeof kinds)[number];
  readonly agent: number;
  readonly participant: Participant;
  readonly write: number;
  readonly step: number;
  readonly #memory: KernelMemory;
  readonly #row: number;
  /** The position of the value: an acknowledgement has the value from the beginning of its write. */
  readonly #valueRow: number;
  #value: unknown = notDecoded;

  constructor(memory: KernelMemory, row: number, valueRow: number) {
    const words = memory.history;
    this.kind = kinds[words[row + KIND]!] ?? 'read';
    this.agent = words[row + AGENT]!;
    this.participant = participantOf(roles[words[row + ROLE]!] ?? 'writer', words[row + INDEX]!);
    this.write = words[row + WRITE]!;
    this.step = words[row + EVENT_STEP]!;
    this.#memory = memory;
    this.#row = row;
    this.#valueRow = valueRow;
  }

  get value(): unknown {
    if (this.#value === notDecoded) this.#value = decodeAt(this.#memory, this.#valueRow);
    return this.#value;
  }

  get result(): unknown {
    return decodeAt(this.#memory, this.#row);
  }
}

const notDecoded = Symbol('not decoded');

/**
 * The history of an execution, in memory that all agents share: each appends its own events and reads those of the others in
 * the order in which they were recorded.
 */
export class HistoryLog {
  readonly #kernel: Kernel;
  readonly #encoder = new TextEncoder();
  /** Identifies the value of the last entry in the trace, so that replays that report other values are detected. */
  lastFingerprint = 0;
  readonly #events: HistoryEvent[] = [];
  /** The row of the beginning of each write, by the write's number. */
  readonly #beginnings: number[] = [];

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  reset(): void {
    this.#events.length = 0;
    this.#beginnings.length = 0;
  }

  /** All events so far; reads the new ones from memory. */
  get events(): readonly HistoryEvent[] {
    const count = this.#kernel.words[at.HISTORY_COUNT]!;
    while (this.#events.length < count) this.#events.push(this.#load(this.#events.length));
    return this.#events;
  }

  /** Appends an event. `write` 0 starts a new write. Returns the write's number. Throws a RangeError above the limit. */
  append(kind: (typeof kinds)[number], participant: Participant, write: number, value: unknown): number {
    const { words, memory, agent } = this.#kernel;
    const count = words[at.HISTORY_COUNT]!;
    if (count >= words[at.HISTORY_LIMIT]! || (count + 1) * at.historyEntryWords > memory.history.length) {
      throw new RangeError(describeTooManyEvents(words[at.HISTORY_LIMIT]!));
    }
    let number = write;
    if (kind === 'writeBegan') {
      number = words[at.WRITE_COUNT]! + 1;
      words[at.WRITE_COUNT] = number;
    }
    const row = count * at.historyEntryWords;
    const { history } = memory;
    history[row + KIND] = kinds.indexOf(kind);
    history[row + AGENT] = agent;
    history[row + ROLE] = roles.indexOf(participant.role);
    history[row + INDEX] = participant.index;
    history[row + WRITE] = number;
    history[row + EVENT_STEP] = words[at.STEP]!;
    this.#storeValue(row, value);
    words[at.HISTORY_COUNT] = count + 1;
    return number;
  }

  #storeValue(row: number, value: unknown): void {
    const { history, historyValues } = this.#kernel.memory;
    history[row + VALUE_START] = 0;
    this.lastFingerprint = 0;
    if (typeof value === 'number') {
      history[row + VALUE_KIND] = valueKinds.number;
      historyValues[row / 2 + numberPlace] = value;
      this.lastFingerprint = value;
    } else if (value === undefined) history[row + VALUE_KIND] = valueKinds.undefined;
    else if (value === null) history[row + VALUE_KIND] = valueKinds.null;
    else if (typeof value === 'boolean') history[row + VALUE_KIND] = value ? valueKinds.true : valueKinds.false;
    else if (survivesJson(value, jsonDepth)) {
      this.#storeBytes(row, valueKinds.json, this.#encoder.encode(JSON.stringify(value)));
    } else this.#storeBytes(row, valueKinds.serialized, serialize(value));
  }

  #storeBytes(row: number, kind: number, bytes: Uint8Array): void {
    const { words, memory } = this.#kernel;
    const start = words[at.HISTORY_BYTES]!;
    if (start + bytes.length > at.historyBytesCapacity) {
      throw new RangeError(describeTooLargeValues(at.historyBytesCapacity));
    }
    memory.historyBytes.set(bytes, start);
    let hash = kind;
    for (const byte of bytes) hash = (Math.imul(hash, 31) + byte) | 0;
    this.lastFingerprint = hash;
    memory.history[row + VALUE_KIND] = kind;
    memory.history[row + VALUE_START] = start;
    memory.historyValues[row / 2 + numberPlace] = bytes.length;
    words[at.HISTORY_BYTES] = start + bytes.length;
  }

  #load(index: number): HistoryEvent {
    const words = this.#kernel.memory.history;
    const row = index * at.historyEntryWords;
    const kind = kinds[words[row + KIND]!];
    const write = words[row + WRITE]!;
    if (kind === 'writeBegan') this.#beginnings[write] = row;
    const valueRow = kind === 'writeAcknowledged' ? (this.#beginnings[write] ?? row) : row;
    return new LoggedEvent(this.#kernel.memory, row, valueRow);
  }
}

/** The value (for an acknowledgement: the result) recorded in the log's `index`th entry. */
export function loggedValue(memory: KernelMemory, index: number): unknown {
  return decodeAt(memory, index * at.historyEntryWords);
}

function decodeAt(memory: KernelMemory, row: number): unknown {
  const { history, historyValues, historyBytes } = memory;
  const number = historyValues[row / 2 + numberPlace]!;
  const start = history[row + VALUE_START]!;
  switch (history[row + VALUE_KIND]) {
    case valueKinds.number:
      return number;
    case valueKinds.null:
      return null;
    case valueKinds.true:
      return true;
    case valueKinds.false:
      return false;
    case valueKinds.json:
      return JSON.parse(new TextDecoder().decode(historyBytes.slice(start, start + number))) as unknown;
    case valueKinds.serialized:
      return deserialize(historyBytes.slice(start, start + number));
    default:
      return undefined;
  }
}
