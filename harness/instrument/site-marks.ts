import type { Position } from './lines.js';

/** A scheduling point of one file. */
export interface SitePlace {
  readonly position: Position;
  /** Where a stack may say that a call is, for points that are calls. */
  readonly called: readonly Position[];
}

/** At least this many digits, so that hardly any number is wider than its mark. */
const digits = 6;

/**
 * Stands in a file's instrumented text for the number of its scheduling point `index`. What number that is depends on the
 * bundle: the text does not, and can be used for all of them.
 */
export function siteMark(index: number): string {
  return `$tmS${String(index).padStart(digits, '0')}`;
}

const anyMark = /\$tmS(\d{6,})/g;

/** Adds a number to that of each mark. The text keeps its length. */
export function moveMarks(text: string, by: number): string {
  return text.replace(anyMark, (_, index: string) => siteMark(by + Number(index)));
}

/** Puts numbers, `first` for point 0 and so on, in the place of marks. Columns stay the same, for the source map's sake. */
export function numberSites(text: string, first: number): string {
  return text.replace(anyMark, (mark, index: string) => String(first + Number(index)).padEnd(mark.length));
}
