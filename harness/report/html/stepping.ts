import type { CounterexampleModel, Fold } from './counterexample-model.js';

type Steps = Pick<CounterexampleModel, 'rows' | 'folds'>;

/** The rows that can be the current one: every row, but only the last row of a closed fold. */
export function stops({ rows, folds }: Steps, isOpen: (fold: Fold) => boolean): number[] {
  const skipped = new Set<number>();
  for (const fold of folds) {
    if (isOpen(fold)) continue;
    for (let row = fold.start; row < fold.end - 1; row++) skipped.add(row);
  }
  return [...rows.keys()].filter((row) => !skipped.has(row));
}

/** The stop before or after a row, or the row itself if there is no other. */
export function neighbour(stopRows: readonly number[], row: number, direction: 1 | -1): number {
  const found = direction === 1 ? stopRows.find((stop) => stop > row) : stopRows.findLast((stop) => stop < row);
  return found ?? row;
}

/** The next row before or after this one that begins with a preemption, or the row itself if there is no other. */
export function neighbouringPreemption({ rows }: Steps, row: number, direction: 1 | -1): number {
  const preemptions = rows.flatMap(({ turn }, index) => (turn === 'preemption' ? [index] : []));
  return neighbour(preemptions, row, direction);
}

/** The rows of a stop: the row itself, or all rows of a closed fold. */
export function rowsOfStop(
  { folds }: Steps,
  row: number,
  isOpen: (fold: Fold) => boolean,
): [first: number, last: number] {
  const fold = folds.find(({ start, end }) => start <= row && row < end);
  return fold === undefined || isOpen(fold) ? [row, row] : [fold.start, fold.end - 1];
}
