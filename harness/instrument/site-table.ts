import type { Site } from '../results/schema.js';
import type { SitePlace } from './site-marks.js';

/** Numbers the scheduling points of the bundles being made. */
export class SiteTable {
  readonly first: number;
  readonly sites: (Site | null)[];
  readonly calls: number[] = [];
  readonly files: string[] = [];

  constructor(first: number) {
    this.first = first;
    this.sites = first === 0 ? [null] : [];
  }

  /** The number of the scheduling point that is added next. */
  get next(): number {
    return this.first + this.sites.length;
  }

  /**
   * Gives the scheduling points of a file their numbers, one after another.
   *
   * @param file as sites name it
   * @param absolute as stacks name it
   * @returns the first of them
   */
  add(places: readonly SitePlace[], file: string, absolute: string): number {
    const first = this.next;
    const index = this.files.push(absolute) - 1;
    for (const { position, called } of places) {
      const site = this.first + this.sites.push({ file, line: position.line, column: position.column }) - 1;
      for (const { line, column } of called) this.calls.push(site, index, line, column);
    }
    return first;
  }
}
