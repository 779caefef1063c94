import { scenario } from 'threadmill';

/** Sums an array; the benchmark compiles this file twice, instrumented and bare, and calls it with the harness idle. */
export function sum(numbers: ArrayLike<number>): number {
  let total = 0;
  // Not for-of, because the benchmark measures access by index.
  // eslint-disable-next-line @typescript-eslint/prefer-for-of
  for (let index = 0; index < numbers.length; index++) total += numbers[index]!;
  return total;
}

/** Reverses an array in place. */
export function reverse(numbers: { [index: number]: number; readonly length: number }): void {
  for (let low = 0, high = numbers.length - 1; low < high; low++, high--) {
    const kept = numbers[low]!;
    numbers[low] = numbers[high]!;
    numbers[high] = kept;
  }
}

export default scenario({ name: 'bench: array code', store: () => null, writers: { count: 1, run: () => undefined } });
