/** Marsaglia's xorshift32 (Journal of Statistical Software 8(14), 2003): small, fast, and good enough for disturbances. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = 0;
    this.reset(seed);
  }

  /** Starts again. Neighbouring seeds give unrelated sequences. */
  reset(seed: number): void {
    let mixed = Math.imul(seed ^ (seed >>> 16), 0x45d9f3b);
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x45d9f3b);
    this.#state = (mixed ^ (mixed >>> 16)) | 0 || 0x9e3779b9 | 0;
  }

  /** From 0 up to, not including, 1. */
  next(): number {
    let state = this.#state;
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    this.#state = state;
    return (state >>> 0) / 4_294_967_296;
  }
}
