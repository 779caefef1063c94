import { gapsOf, previousOperation } from '../../results/kept-trace.js';
import type { Operation } from '../../results/schema.js';
import { libraryFolder } from './library.js';
import { findRounds } from './rounds.js';
import { factsOf } from '../../results/operation-facts.js';

/** One line of an interleaving: an operation, or the operations left out in its place. */
export type Row =
  | {
      readonly kind: 'operation';
      readonly operation: Operation;
      /** The operation just before, shown or not. */
      readonly previous: Operation | undefined;
    }
  | {
      readonly kind: 'gap';
      readonly count: number;
      /** How many of them each agent performed. */
      readonly perAgent: readonly (readonly [agent: number, count: number])[];
    }
  | {
      /** Steps that the trace does not have. Their agents are not known. */
      readonly kind: 'missing';
      readonly count: number;
    }
  | {
      /** Consecutive operations of one agent in library code. */
      readonly kind: 'within';
      readonly agent: number;
      readonly count: number;
      readonly folders: readonly string[];
    }
  | {
      /** Repetitions of the operations just before. */
      readonly kind: 'rounds';
      readonly count: number;
      /** Operations of one round. */
      readonly length: number;
    };

const aroundMatters = 2;
/** Leaving out fewer operations than this saves no room. */
const minimumGap = 3;

/**
 * Chooses which operations of a long trace to show: the place where it broke, those around each preemption, then the end
 * and the beginning, as far as there is room. Memory operations of an agent in the code of a library share one row, except
 * at a preemption. Repetitions of the operations before them share one row too.
 */
export function selectRows(
  trace: readonly Operation[],
  broken: Operation | undefined,
  maximumOperations: number,
): Row[] {
  const runs = foldedRuns(trace, broken);
  const missing = new Map(gapsOf(trace).map(({ place, steps }) => [place, steps]));
  const rest = trace.filter((_, index) => !runs.has(index));
  const shown = new Set([...chooseIndices(rest, broken, maximumOperations)].map((index) => rest[index]));
  const rows: Row[] = [];
  let gap: Operation[] = [];
  const show = (index: number): void => {
    const operation = trace[index];
    if (operation !== undefined) rows.push({ kind: 'operation', operation, previous: previousOperation(trace, index) });
  };
  const closeGap = (end: number): void => {
    const start = end - gap.length;
    const isLong = gap.filter((_, offset) => !runs.has(start + offset)).length >= minimumGap;
    if (isLong) rows.push({ kind: 'gap', count: gap.length, perAgent: countPerAgent(gap) });
    else {
      for (let index = start; index < end; index++) {
        const run = runs.get(index);
        if (run === undefined) show(index);
        else if (run.start === index) rows.push(run.row);
      }
    }
    gap = [];
  };
  for (const [index, operation] of trace.entries()) {
    const count = missing.get(index);
    if (count !== undefined && index > 0) {
      closeGap(index);
      rows.push({ kind: 'missing', count });
    }
    if (!shown.has(operation)) {
      gap.push(operation);
      continue;
    }
    closeGap(index);
    show(index);
  }
  closeGap(trace.length);
  return rows;
}

interface FoldedRun {
  readonly start: number;
  readonly row: Row;
}

/** The operations that share a row with others, by index. */
function foldedRuns(trace: readonly Operation[], broken: Operation | undefined): Map<number, FoldedRun> {
  const runs = new Map<number, FoldedRun>();
  const add = (start: number, end: number, row: Row): void => {
    for (let index = start; index < end; index++) runs.set(index, { start, row });
  };
  for (const { start, end } of libraryRuns(trace, broken)) add(start, end, libraryRow(trace.slice(start, end)));
  for (const { start, end, length } of findRounds(trace, broken)) {
    // A round in the code of a library already shares one row.
    const overlaps = runs.has(start) || runs.has(end - 1);
    if (!overlaps) add(start, end, { kind: 'rounds', count: end - start, length });
  }
  return runs;
}

/** Runs of memory operations of one agent in the code of a library. */
function libraryRuns(
  trace: readonly Operation[],
  broken: Operation | undefined,
): { readonly start: number; readonly end: number }[] {
  const runs: { readonly start: number; readonly end: number }[] = [];
  const gaps = new Set(gapsOf(trace).map(({ place }) => place));
  const isFolded = (index: number): boolean => {
    const operation = trace[index];
    return (
      operation !== undefined &&
      libraryFolder(operation) !== undefined &&
      operation !== broken &&
      operation.turn !== 'preemption' &&
      trace[index + 1]?.turn !== 'preemption' &&
      // Waits and deliveries matter in any code.
      factsOf(operation).isMemoryAccess === true
    );
  };
  for (let start = 0; start < trace.length; start++) {
    let end = start;
    while (isFolded(end) && trace[end]?.agent === trace[start]?.agent && (end === start || !gaps.has(end))) end++;
    if (end - start >= minimumGap) runs.push({ start, end });
    if (end > start) start = end - 1;
  }
  return runs;
}

function libraryRow(operations: readonly Operation[]): Row {
  const folders = new Set(operations.flatMap((operation) => libraryFolder(operation) ?? []));
  return { kind: 'within', agent: operations[0]?.agent ?? 0, count: operations.length, folders: [...folders] };
}

function chooseIndices(
  trace: readonly Operation[],
  broken: Operation | undefined,
  maximumOperations: number,
): Set<number> {
  if (trace.length <= maximumOperations) return new Set(trace.keys());
  const chosen = new Set<number>();
  const choose = (index: number, maximumChosen: number): void => {
    if (index >= 0 && index < trace.length && chosen.size < maximumChosen) chosen.add(index);
  };
  const brokenIndex = broken === undefined ? -1 : trace.indexOf(broken);
  if (brokenIndex >= 0) {
    for (let offset = -aroundMatters; offset <= aroundMatters; offset++)
      choose(brokenIndex + offset, maximumOperations);
  }
  const preemptions = trace.flatMap((operation, index) => (operation.turn === 'preemption' ? [index] : []));
  // A third of the room is reserved for the beginning and the end.
  const maximumPreemptions = Math.floor((maximumOperations * 2) / 3);
  for (const index of preemptions.reverse()) {
    for (let offset = -aroundMatters; offset < aroundMatters; offset++) choose(index + offset, maximumPreemptions);
  }
  for (let distance = 0; chosen.size < maximumOperations; distance++) {
    choose(trace.length - 1 - distance, maximumOperations);
    // The end gets twice as much as the beginning, because it broke there.
    if (distance % 2 === 0) choose(distance / 2, maximumOperations);
  }
  return chosen;
}

function countPerAgent(operations: readonly Operation[]): (readonly [number, number])[] {
  const counts = new Map<number, number>();
  for (const { agent } of operations) counts.set(agent, (counts.get(agent) ?? 0) + 1);
  return [...counts].sort(([left], [right]) => left - right);
}
