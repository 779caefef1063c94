import type { CallExpression, Node } from 'oxc-parser';
import type { Edits } from './edits.js';
import type { Temporaries } from './temporaries.js';

/** The part of rewriting a file that code needs that rewrites one kind of expression. */
export interface Rewriting {
  readonly edits: Edits;
  readonly temporaries: Temporaries;
  /** Whether `Atomics` can only be the global one. */
  readonly atomicsAreGlobal: boolean;
  /** Stands for the number of the scheduling point at `offset`. */
  site(offset: number): string;
  /** Stands for the number of a call at `offset`, which a stack may say is at any of `called`. */
  callSite(offset: number, ...called: readonly number[]): string;
  /** The original text of a node. */
  text(node: Node): string;
  visit(node: Node): void;
  visitArguments(call: CallExpression, keptReceiver?: string): void;
  /** Visits `node`; returns whether its text is unchanged and short enough to be repeated. */
  visitRepeatable(node: Node, maximumLength: number): boolean;
}
