/** Who did something: one writer or one reader of the scenario, counted from 0. */
export interface Participant {
  readonly role: 'writer' | 'reader';
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

/** A writer has been told that its change has been made: from here on it must not be lost. */
export interface WriteAcknowledged extends HistoryEventBase {
  readonly kind: 'writeAcknowledged';
  readonly write: number;
  /** The value given to `history.write`. */
  readonly value: unknown;
  /** What the bridge answered, if `acknowledge(result)` was given it: a version number, for one. */
  readonly result: unknown;
}

/** Somebody saw this snapshot of the store. */
export interface Read extends HistoryEventBase {
  readonly kind: 'read';
  readonly value: unknown;
}

/** What the program under test says about itself. Invariants judge sequences of these. */
export type HistoryEvent = WriteBegan | WriteAcknowledged | Read;

/** A write that has begun. */
export interface PendingWrite {
  /** Records that the write has taken effect. Calling it twice is an error in the scenario. */
  acknowledge(result?: unknown): void;
}

/**
 * The notebook handed to every writer and reader. Values must be structured-cloneable; they are copied at the call,
 * so changing an object later does not change the history.
 */
export interface History {
  /** Records that a write of `value` begins now. */
  write(value?: unknown): PendingWrite;
  /** Records that `value` was read. */
  read(value: unknown): void;
}
