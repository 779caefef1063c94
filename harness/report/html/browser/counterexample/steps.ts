import type { CounterexampleModel, Fold } from '../../counterexample-model.js';
import { elementById } from '../data.js';

/** The current row, and which folds are open. */
export class Steps {
  readonly model: CounterexampleModel;
  readonly #open = new Set<Fold>();
  #row = 0;

  constructor(model: CounterexampleModel) {
    this.model = model;
  }

  get row(): number {
    return this.#row;
  }

  readonly isOpen = (fold: Fold): boolean => this.#open.has(fold);

  /** The fold that a row belongs to. */
  foldOf(row: number): Fold | undefined {
    return this.model.folds.find(({ start, end }) => start <= row && row < end);
  }

  moveTo(row: number): void {
    this.#row = Math.max(0, Math.min(row, this.model.rows.length - 1));
  }

  toggle(fold: Fold): void {
    if (!this.#open.delete(fold)) this.#open.add(fold);
    // A current row inside the closed fold becomes the fold itself.
    if (!this.isOpen(fold) && fold.start <= this.#row && this.#row < fold.end) this.#row = fold.end - 1;
  }

  /** The list item that shows a row: the row's own, or that of the fold it is hidden in. */
  itemOf(row: number): HTMLElement {
    const fold = this.foldOf(row);
    return elementById(fold === undefined || this.isOpen(fold) ? `row-${row}` : `fold-${fold.start}`);
  }
}

/** The variable that holds a lane's colour. */
export function laneColor(lane: number): string {
  return `var(--series-${(lane % 8) + 1})`;
}
