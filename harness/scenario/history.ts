/** The writer or reader of the scenario that did something, counted from 0; or its program, whose index is 0. */
export interface Participant {
  readonly role: 'writer' | 'reader' | 'program';
  readonly index: number;
}

interface HistoryEventBase {
  /** The agent (thread) the event happened on: 0 is the main agent, writer `i` is agent `i + 1`. */
  readonly agent: number;
  readonly participant: Participant;
  /** How many visible operations the execution had performed when the event was recorded. */
  readonly step: number;
}

/** A writer is about to change the store. */
export interface WriteBegan extends HistoryEventBase {
  readonly kind: 'writeBegan';
  /** Unique within the execution; the acknowledgement carries the same number. */
  readonly write: number;
  readonly value: unknown;
}

/** A writer's change has been acknowledged: from here on it must not be lost. */
export interface WriteAcknowledged extends HistoryEventBase {
  readonly kind: 'writeAcknowledged';
  readonly write: number;
  /** The value passed to `history.write`. */
  readonly value: unknown;
  /** The bridge's answer, if it was passed to `acknowledge(result)`: a version number, for example. */
  readonly result: unknown;
}

/** A reader, or a writer that reads, saw this snapshot of the store. */
export interface Read extends HistoryEventBase {
  readonly kind: 'read';
  readonly value: unknown;
}

/** What the program under test says about itself. Invariants judge sequences of these events. */
export type HistoryEvent = WriteBegan | WriteAcknowledged | Read;

/** A write that has begun. */
export interface PendingWrite {
  /** Records that the write has taken effect. Calling it twice is an error in the scenario. */
  acknowledge(result?: unknown): void;
}

/**
 * Records what every writer and reader does. Values must be structured-cloneable. They are copied when recorded, so changing an
 * object later does not change the history.
 */
export interface History {
  /** Records that a write of `value` begins now. */
  write(value?: unknown): PendingWrite;
  /** Records that `value` was read. */
  read(value: unknown): void;
}
