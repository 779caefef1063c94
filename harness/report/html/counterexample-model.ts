import type { Flow } from '../trace/flows.js';
import type { MemoryWord } from '../trace/memory-words.js';

/** Some lines of a file, by their numbers, which count from 1. */
export interface SourceLines {
  readonly file: string;
  readonly lines: Readonly<Record<number, string>>;
}

/** One operation, as a page shows it. */
export interface ModelRow {
  readonly step: number;
  /** Which of the lanes it stands in. */
  readonly lane: number;
  readonly operation: string;
  readonly location?: string;
  readonly value?: string;
  /** Whether it is the program's word about itself. */
  readonly isRecord?: true;
  /** Whether the value went in, rather than came out. */
  readonly isOutward: boolean;
  readonly turn?: 'preemption' | 'yield' | 'blocked';
  /** Steps before it that were not kept, though some before them were. */
  readonly missing?: number;
  /** Whose turn it was before, if that was somebody else's. */
  readonly before?: number;
  /** Which of the words it addresses, and how. */
  readonly word?: number;
  readonly access?: 'read' | 'write' | 'update';
  /** Such as `counter.scenario.ts:14`. */
  readonly place?: string;
  readonly line?: number;
  /** The source line, trimmed. */
  readonly source?: string;
  /** Which of the sources shows this line with those around it. */
  readonly sourceIndex?: number;
}

/**
 * Rows that are told in one until the reader wants to see them: what an agent did within the code of a library, or again
 * and again.
 */
export interface Fold {
  /** The first row, and the one after the last. */
  readonly start: number;
  readonly end: number;
  readonly lane: number;
  /** Such as `12 operations in node_modules/fast-queue`. */
  readonly text: string;
}

/** Everything that moves on the page of a counterexample; whatever counts rows or lanes counts from 0. */
export interface CounterexampleModel {
  /** The agents that did something, in order. */
  readonly lanes: readonly { readonly name: string }[];
  /** One for each operation of the trace, in order. */
  readonly rows: readonly ModelRow[];
  readonly folds: readonly Fold[];
  readonly arrows: readonly Flow[];
  /** Where an agent was blocked in Atomics.wait; `to` is null if that was the end of it. */
  readonly blocked: readonly { readonly lane: number; readonly from: number; readonly to: number | null }[];
  readonly words: readonly MemoryWord[];
  readonly sources: readonly SourceLines[];
  /** The row at which the failure showed; null if it is nobody's doing, or showed at the very end. */
  readonly brokenRow: number | null;
  /** Steps before the first row that were not kept. */
  readonly earlierSteps: number;
}
