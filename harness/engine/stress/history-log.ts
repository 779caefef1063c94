import { deserialize, serialize } from 'node:v8';
import { describeTooManyEvents } from '../../scenario/history-bounds.js';
import type { Participant, History, HistoryEvent, PendingWrite } from '../../scenario/history.js';
import { TICKET } from './layout.js';

const kinds = ['writeBegan', 'writeAcknowledged', 'read'] as const;
const roles = ['writer', 'reader', 'program'] as const;

/** The events of one agent, as sent from thread to thread. */
export interface HistoryPart {
  /** Four numbers for each event: ticket, kind, participant, write. */
  readonly numbers: Int32Array;
  /** The value of each event. */
  readonly values: readonly unknown[];
}

const numbersPerEvent = 4;
const eventsAtFirst = 256;

/** A participant as one number. */
const encodeParticipant = ({ role, index }: Participant): number => index * roles.length + roles.indexOf(role);
const decodeParticipant = (code: number): Participant => ({
  role: roles[code % roles.length] ?? 'writer',
  index: Math.floor(code / roles.length),
});

const notPlain = Symbol('not plain data');
const plainDepth = 6;

/** A copy of plain data made without structuredClone, or `notPlain` for anything whose clone might differ. */
function copyPlain(value: unknown, depth: number): unknown {
  if (typeof value === 'number') return value;
  if (typeof value === 'function' || typeof value === 'symbol') return notPlain;
  if (typeof value !== 'object' || value === null) return value;
  if (depth === 0) return notPlain;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Array.prototype && Array.isArray(value)) {
    const items: readonly unknown[] = value;
    const copy: unknown[] = [];
    for (let index = 0; index < items.length; index++) {
      const item = items[index];
      const isHole = item === undefined && !(index in items);
      const copied = isHole ? notPlain : copyPlain(item, depth - 1);
      if (copied === notPlain) return notPlain;
      copy.push(copied);
    }
    return copy;
  }
  if (prototype !== Object.prototype) return notPlain;
  const copy: Record<string, unknown> = {};
  for (const key of Object.keys(value)) {
    const copied = copyPlain((value as Record<string, unknown>)[key], depth - 1);
    // Assigning `__proto__` would set the prototype.
    if (copied === notPlain || key === '__proto__') return notPlain;
    copy[key] = copied;
  }
  return copy;
}

/**
 * A structured clone that is independent of later changes of the original, including shared memory inside it. Plain data is
 * copied directly, which takes a tenth of the time. Properties of arrays other than elements are left out, since looking for them
 * costs more than the copy. Throws what `serialize` throws for a value that cannot be cloned.
 */
function copyOf(value: unknown): unknown {
  const copied = copyPlain(value, plainDepth);
  return copied === notPlain ? deserialize(serialize(value)) : copied;
}

/** What one agent records during one execution. Each agent has its own log; tickets put the events of all logs in order. */
export class StressHistory {
  readonly #words: Int32Array;
  readonly #limit: number;
  #numbers = new Int32Array(eventsAtFirst * numbersPerEvent);
  #values: unknown[] = [];
  /** Writes begun and reads; and writes acknowledged. */
  operations = 0;
  acknowledgements = 0;
  #isOver = false;

  /** @param limit how many events the execution may have */
  constructor(words: Int32Array, limit: number) {
    this.#words = words;
    this.#limit = limit;
  }

  /** Code that continues afterwards gets no error and has no effect. */
  end(): HistoryPart {
    this.#isOver = true;
    return this.soFar();
  }

  /** What has been recorded so far. */
  soFar(): HistoryPart {
    return { numbers: this.#numbers.slice(0, this.#values.length * numbersPerEvent), values: this.#values };
  }

  for(participant: Participant): History {
    const code = encodeParticipant(participant);
    return {
      write: (value) => {
        this.operations++;
        return new StressWrite(this, code, this.append(0, code, 0, value));
      },
      read: (value) => {
        this.operations++;
        this.append(2, code, 0, value);
      },
    };
  }

  /** Returns the event's ticket, from 1, which is also the number of a write that begins with it. */
  append(kind: number, participant: number, write: number, value: unknown): number {
    if (this.#isOver) return 0;
    // The copy comes first, so that nothing happens between the operation and its place in the order.
    const copied = copyOf(value);
    const ticket = Atomics.add(this.#words, TICKET, 1) + 1;
    if (ticket > this.#limit) {
      throw new RangeError(describeTooManyEvents(this.#limit));
    }
    const row = this.#values.length * numbersPerEvent;
    if (row === this.#numbers.length) this.#grow();
    const numbers = this.#numbers;
    numbers[row] = ticket;
    numbers[row + 1] = kind;
    numbers[row + 2] = participant;
    numbers[row + 3] = kind === 0 ? ticket : write;
    this.#values.push(copied);
    return ticket;
  }

  #grow(): void {
    const larger = new Int32Array(this.#numbers.length * 2);
    larger.set(this.#numbers);
    this.#numbers = larger;
  }
}

/** A write that has begun. */
class StressWrite implements PendingWrite {
  readonly #history: StressHistory;
  readonly #participant: number;
  readonly #write: number;
  #acknowledged = false;

  constructor(history: StressHistory, participant: number, write: number) {
    this.#history = history;
    this.#participant = participant;
    this.#write = write;
  }

  acknowledge(result?: unknown): void {
    if (this.#acknowledged) throw new Error('this write has already been acknowledged');
    this.#acknowledged = true;
    this.#history.acknowledgements++;
    this.#history.append(1, this.#participant, this.#write, result);
  }
}

/** The events of all agents, in the order of their tickets. */
export function mergeHistory(parts: readonly HistoryPart[]): HistoryEvent[] {
  const events: HistoryEvent[] = [];
  const participants = new Map<number, Participant>();
  const values = new Map<number, unknown>();
  for (const [agent, { numbers, values: own }] of parts.entries()) {
    for (const [place, value] of own.entries()) {
      const row = place * numbersPerEvent;
      const step = numbers[row]!;
      const code = numbers[row + 2]!;
      const write = numbers[row + 3]!;
      let participant = participants.get(code);
      if (participant === undefined) participants.set(code, (participant = decodeParticipant(code)));
      const kind = kinds[numbers[row + 1]!] ?? 'read';
      if (kind === 'read') events.push({ agent, participant, step, kind, value });
      else if (kind === 'writeBegan') {
        values.set(write, value);
        events.push({ agent, participant, step, kind, write, value });
      } else events.push({ agent, participant, step, kind, write, value: values.get(write), result: value });
    }
  }
  return events.sort((left, right) => left.step - right.step);
}
