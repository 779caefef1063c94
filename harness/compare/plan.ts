import { shuffle } from 'simple-statistics';

/** One process: one bridge, one number of writers, one round. */
export interface Visit<Bridge> {
  readonly bridge: Bridge;
  readonly writers: number;
  /** Whether latency is measured too, and everything else that the main table has. */
  readonly isMain: boolean;
}

export interface PlanOptions {
  readonly writers: number;
  readonly writerCounts: readonly number[];
  readonly rounds: number;
  readonly scalingRounds: number;
  readonly seed: number;
}

/**
 * The order of all processes. A round visits every bridge once before the next begins, and each round in another order, so
 * that drift on the machine affects all bridges alike. Rounds with other numbers of writers come between the main ones.
 */
export function planVisits<Bridge>(bridges: readonly Bridge[], options: PlanOptions): Visit<Bridge>[] {
  const { writers, writerCounts, rounds, scalingRounds, seed } = options;
  const random = randomFrom(seed);
  const main = Array.from({ length: rounds }, () => ({ writers, isMain: true }));
  const others = [...new Set(writerCounts)].filter((count) => count !== writers);
  const scaling = Array.from({ length: scalingRounds }, () =>
    others.map((count) => ({ writers: count, isMain: false })),
  ).flat();
  return spreadOut(main, scaling).flatMap((round) =>
    shuffle([...bridges], random).map((bridge) => ({ bridge, ...round })),
  );
}

/** Spreads the entries of the second list evenly among those of the first. */
function spreadOut<Entry>(first: readonly Entry[], second: readonly Entry[]): Entry[] {
  const placed = [
    ...first.map((entry, index) => ({ entry, place: (index + 0.5) / first.length })),
    ...second.map((entry, index) => ({ entry, place: (index + 0.5) / second.length })),
  ];
  return placed.sort((left, right) => left.place - right.place).map(({ entry }) => entry);
}

/** Random numbers from 0 to 1 from a seed: mulberry32. */
function randomFrom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
