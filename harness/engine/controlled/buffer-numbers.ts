import type { Kernel } from '../../kernel/kernel.js';
import * as at from '../../kernel/layout.js';

/**
 * Gives shared buffers the numbers that the kernel and the trace use. Each delivery of a buffer makes a new object, but they all
 * have one number. A list, not a map: executions have few buffers, and forgetting them must cost nothing.
 */
export class BufferNumbers {
  readonly #kernel: Kernel;
  readonly #buffers: object[] = [];
  readonly #numbers: number[] = [];

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  reset(): void {
    this.#buffers.length = 0;
    this.#numbers.length = 0;
  }

  of(buffer: object): number {
    const place = this.#buffers.indexOf(buffer);
    if (place !== -1) return this.#numbers[place] ?? 0;
    const number = this.#kernel.words[at.NEXT_BUFFER]!;
    this.#kernel.words[at.NEXT_BUFFER] = number + 1;
    this.set(buffer, number);
    return number;
  }

  set(buffer: object, number: number): void {
    const place = this.#buffers.indexOf(buffer);
    if (place !== -1) {
      this.#numbers[place] = number;
      return;
    }
    this.#buffers.push(buffer);
    this.#numbers.push(number);
  }
}
