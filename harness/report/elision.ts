import type { Operation } from '../results/schema.js';

/** One line of an interleaving: an operation, or the operations left out in its place. */
export type Row =
  | {
      readonly kind: 'operation';
      readonly operation: Operation;
      /** What was performed just before, shown or not. */
      readonly previous: Operation | undefined;
    }
  | {
      readonly kind: 'gap';
      readonly count: number;
      /** How many of them each agent performed. */
      readonly perAgent: readonly (readonly [agent: number, count: number])[];
    };

const aroundMatters = 2;
/** Leaving out fewer operations than this saves no room. */
const gapMin = 3;

/**
 * Chooses which operations of a long trace to show: where it broke, around each preemption, then the end and the
 * beginning, as far as there is room.
 */
export function selectRows(trace: readonly Operation[], broken: Operation | undefined, operationsMax: number): Row[] {
  const shown = chooseIndices(trace, broken, operationsMax);
  const rows: Row[] = [];
  let gap: Operation[] = [];
  const closeGap = (end: number): void => {
    if (gap.length >= gapMin) {
      rows.push({ kind: 'gap', count: gap.length, perAgent: countPerAgent(gap) });
    } else {
      for (const [offset, operation] of gap.entries()) {
        rows.push({ kind: 'operation', operation, previous: trace[end - gap.length + offset - 1] });
      }
    }
    gap = [];
  };
  for (const [index, operation] of trace.entries()) {
    if (!shown.has(index)) {
      gap.push(operation);
      continue;
    }
    closeGap(index);
    rows.push({ kind: 'operation', operation, previous: trace[index - 1] });
  }
  closeGap(trace.length);
  return rows;
}

function chooseIndices(trace: readonly Operation[], broken: Operation | undefined, operationsMax: number): Set<number> {
  if (trace.length <= operationsMax) return new Set(trace.keys());
  const chosen = new Set<number>();
  const choose = (index: number, chosenMax: number): void => {
    if (index >= 0 && index < trace.length && chosen.size < chosenMax) chosen.add(index);
  };
  const brokenIndex = broken === undefined ? -1 : trace.indexOf(broken);
  if (brokenIndex >= 0) {
    for (let offset = -aroundMatters; offset <= aroundMatters; offset++) choose(brokenIndex + offset, operationsMax);
  }
  const preemptions = trace.flatMap((operation, index) => (operation.turn === 'preemption' ? [index] : []));
  // A third of the room is left for the beginning and the end, however many preemptions there are.
  const preemptionsMax = Math.floor((operationsMax * 2) / 3);
  for (const index of preemptions.reverse()) {
    for (let offset = -aroundMatters; offset < aroundMatters; offset++) choose(index + offset, preemptionsMax);
  }
  for (let distance = 0; chosen.size < operationsMax; distance++) {
    choose(trace.length - 1 - distance, operationsMax);
    // Twice as much of the end as of the beginning: the end is where it broke.
    if (distance % 2 === 0) choose(distance / 2, operationsMax);
  }
  return chosen;
}

function countPerAgent(operations: readonly Operation[]): (readonly [number, number])[] {
  const counts = new Map<number, number>();
  for (const { agent } of operations) counts.set(agent, (counts.get(agent) ?? 0) + 1);
  return [...counts].sort(([left], [right]) => left - right);
}
