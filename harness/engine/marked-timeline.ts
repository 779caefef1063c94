/** Removes all marks and measures from the performance timeline. This takes as long as evaluating a small scenario. */
export function clearTimeline(): void {
  performance.clearMarks();
  performance.clearMeasures();
}

/** The marks and measures of a program, which Node would keep for the lifetime of the process. */
export class MarkedTimeline {
  #isMarked = false;
  /** Replacements of the methods of `performance`. */
  readonly shadows: Pick<typeof performance, 'mark' | 'measure'> = {
    mark: (...values: Parameters<typeof performance.mark>) => {
      this.#isMarked = true;
      return performance.mark(...values);
    },
    measure: (...values: [string]) => {
      this.#isMarked = true;
      return performance.measure(...values);
    },
  };

  /** Removes them; costs nothing if there are none. */
  reset(): void {
    if (this.#isMarked) clearTimeline();
    this.#isMarked = false;
  }
}
