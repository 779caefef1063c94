import { describe, expect, it } from 'vitest';
import { growsWithoutBound } from './watch.js';

const over = (length: number, depth: (share: number) => number): number[] =>
  Array.from({ length }, (_, index) => depth(index / length));

describe('growsWithoutBound', () => {
  it('tells a queue that only grows', () => {
    expect(growsWithoutBound(over(100, (share) => 1_000 * share))).toBe(true);
    expect(growsWithoutBound(over(40, (share) => 100 * share * share))).toBe(true);
  });

  it.each([
    ['rises and falls', over(100, (share) => 500 * Math.sin(share * Math.PI))],
    ['is full all the time', over(100, () => 64)],
    ['fills up at first', over(100, (share) => Math.min(64, share * 1_000))],
    ['goes up and down', over(100, (share) => 50 + 50 * Math.sin(share * 40))],
    ['is short', over(100, (share) => 5 * share)],
    ['was seen too seldom', [1, 100, 1_000]],
    ['was emptied at the end', [...over(97, (share) => 1_000 * share), 0, 0, 0]],
  ])('does not take for one a queue that %s', (_, samples) => {
    expect(growsWithoutBound(samples)).toBe(false);
  });
});
