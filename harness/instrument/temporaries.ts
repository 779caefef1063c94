/**
 * The temporaries of one function body (or module, static block, initialiser): a stack, so that expressions that do
 * not overlap use the same ones.
 */
export class Temporaries {
  readonly #prefix: string;
  readonly #used = new Set<number>();
  #live = 0;

  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  /** Runs `body` with `count` names that nothing else uses meanwhile. Only names that are used are declared. */
  hold(count: number, body: (name: (index: number) => string) => void): void {
    const base = this.#live;
    this.#live += count;
    body((index) => {
      this.#used.add(base + index);
      return `${this.#prefix}${base + index}`;
    });
    this.#live = base;
  }

  /** `let` for everything used, or nothing. */
  declaration(): string {
    if (this.#used.size === 0) return '';
    const names = [...this.#used].sort((first, second) => first - second).map((index) => `${this.#prefix}${index}`);
    return `let ${names.join(',')};`;
  }
}
