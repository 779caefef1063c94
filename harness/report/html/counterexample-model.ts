import type { Flow } from '../trace/flows.js';
import type { MemoryWord } from '../trace/memory-words.js';

/** Some lines of a file by their numbers, counted from 1. */
export interface SourceLines {
  readonly file: string;
  readonly lines: Readonly<Record<number, string>>;
}

/** One operation, as a page shows it. */
export interface ModelRow {
  readonly step: number;
  /** The index of its lane. */
  readonly lane: number;
  readonly operation: string;
  readonly location?: string;
  readonly value?: string;
  /** Whether it is an entry into the history rather than an operation. */
  readonly isRecord?: true;
  /** Whether the value was written rather than read. */
  readonly isOutward: boolean;
  readonly turn?: 'preemption' | 'yield' | 'blocked';
  /** The number of steps just before it that were not kept, if earlier ones were. */
  readonly missing?: number;
  /** The lane that had the turn before, if it was another one. */
  readonly before?: number;
  /** The index of the word that it addresses. */
  readonly word?: number;
  readonly access?: 'read' | 'write' | 'update';
  /** Such as `counter.scenario.ts:14`. */
  readonly place?: string;
  readonly line?: number;
  /** The source line, trimmed. */
  readonly source?: string;
  /** The index of the source that has this line with the lines around it. */
  readonly sourceIndex?: number;
}

/**
 * Rows that are shown as one until the user opens them: what an agent did in the code of a library, or what it
 * repeated.
 */
export interface Fold {
  /** The first row, and the one after the last. */
  readonly start: number;
  readonly end: number;
  readonly lane: number;
  /** Such as `12 operations in node_modules/fast-queue`. */
  readonly text: string;
}

/** Everything interactive on the page of a counterexample. Rows and lanes are counted from 0. */
export interface CounterexampleModel {
  /** The agents that did something, in order. */
  readonly lanes: readonly { readonly name: string }[];
  /** One for each operation of the trace, in order. */
  readonly rows: readonly ModelRow[];
  readonly folds: readonly Fold[];
  readonly arrows: readonly Flow[];
  /** Where an agent was blocked in Atomics.wait; `to` is null if it never returned. */
  readonly blocked: readonly { readonly lane: number; readonly from: number; readonly to: number | null }[];
  readonly words: readonly MemoryWord[];
  readonly sources: readonly SourceLines[];
  /** The row at which the failure showed; null if it showed at the end or no operation caused it. */
  readonly brokenRow: number | null;
  /** Steps before the first row that were not kept. */
  readonly earlierSteps: number;
}
