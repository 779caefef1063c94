/**
 * Where fast-check is in a chunk, as its `counterexamplePath` will say at the end: the number of the execution that
 * failed first, then, for each smaller counterexample, its place among the candidates that were tried.
 */
export class ShrinkPath {
  #failures: string;
  #next: number;

  /** @param from the path at which fast-check begins; null for the beginning */
  constructor(from: string | null) {
    const places = from?.split(':') ?? [];
    // fast-check goes to the last place of a given path by itself, and asks for that one first.
    this.#next = Number(places.pop() ?? 0) - 1;
    this.#failures = places.join(':');
  }

  /** The next candidate is tried. */
  next(): void {
    this.#next++;
  }

  /** It fails: from now on, smaller versions of it are tried. */
  failed(): void {
    this.#failures = this.#failures === '' ? String(this.#next) : `${this.#failures}:${this.#next}`;
    this.#next = -1;
  }

  /** The path of the last one that failed. */
  toString(): string {
    return this.#failures;
  }
}
