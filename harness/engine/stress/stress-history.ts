import type { Actor, History, HistoryEvent } from '../../scenario/history.js';
import { TICKET } from './layout.js';

const kinds = ['writeBegan', 'writeAcknowledged', 'read'] as const;
const roles = ['writer', 'reader'] as const;

/** One event as it goes from thread to thread: ticket, kind, role, index, write, value. */
export type HistoryRow = readonly [
  ticket: number,
  kind: number,
  role: number,
  index: number,
  write: number,
  value: unknown,
];

/** A copy that later changes of the original do not reach; plain data is copied by hand, which takes a tenth of the time. */
function copyOf(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(copyOf);
  if (Object.getPrototypeOf(value) !== Object.prototype) return structuredClone(value);
  const copy: Record<string, unknown> = {};
  for (const key in value) copy[key] = copyOf((value as Record<string, unknown>)[key]);
  return copy;
}

/** What one agent says of itself during one execution. Each agent keeps its own; tickets give them one order. */
export class StressHistory {
  readonly #words: Int32Array;
  readonly #limit: number;
  #rows: HistoryRow[] = [];
  /** Writes begun and reads; and writes acknowledged. */
  operations = 0;
  acknowledgements = 0;
  #isOver = false;

  /** @param limit how many events the execution may have */
  constructor(words: Int32Array, limit: number) {
    this.#words = words;
    this.#limit = limit;
  }

  /** Whoever goes on afterwards is told nothing and disturbs nobody. */
  end(): readonly HistoryRow[] {
    this.#isOver = true;
    return this.#rows;
  }

  for(actor: Actor): History {
    const role = roles.indexOf(actor.role);
    const { index } = actor;
    return {
      write: (value) => {
        this.operations++;
        const write = this.#append(0, role, index, 0, value);
        let acknowledged = false;
        return {
          acknowledge: (result) => {
            if (acknowledged) throw new Error('this write has been acknowledged already');
            acknowledged = true;
            this.acknowledgements++;
            this.#append(1, role, index, write, result);
          },
        };
      },
      read: (value) => {
        this.operations++;
        this.#append(2, role, index, 0, value);
      },
    };
  }

  /** Returns the event's ticket, from 1, which is the number of the write that it may begin. */
  #append(kind: number, role: number, index: number, write: number, value: unknown): number {
    if (this.#isOver) return 0;
    // The copy comes first, so that nothing stands between what was done and its place in the order.
    const copied = copyOf(value);
    const ticket = Atomics.add(this.#words, TICKET, 1) + 1;
    if (ticket > this.#limit) {
      throw new RangeError(`the history has more than ${String(this.#limit)} events (limits.historyEvents)`);
    }
    this.#rows.push([ticket, kind, role, index, kind === 0 ? ticket : write, copied]);
    return ticket;
  }
}

/** The events of all agents in the one order of their tickets. */
export function mergeHistory(rowsByAgent: readonly (readonly HistoryRow[])[]): HistoryEvent[] {
  const merged = rowsByAgent.flatMap((rows, agent) => rows.map((row) => ({ agent, row })));
  merged.sort((left, right) => left.row[0] - right.row[0]);
  const values = new Map<number, unknown>();
  return merged.map(({ agent, row: [ticket, kindNumber, role, index, write, value] }): HistoryEvent => {
    const base = { agent, actor: { role: roles[role] ?? 'writer', index }, step: ticket };
    const kind = kinds[kindNumber] ?? 'read';
    if (kind === 'read') return { ...base, kind, value };
    if (kind === 'writeBegan') {
      values.set(write, value);
      return { ...base, kind, write, value };
    }
    return { ...base, kind, write, value: values.get(write), result: value };
  });
}
