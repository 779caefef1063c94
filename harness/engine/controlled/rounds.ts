/** How often in a row a chain of tasks, each caused by the one before, had looped since the news with that number. */
export interface Rounds {
  readonly news: number;
  readonly count: number;
}

/** The start of a chain. */
export const noRounds: Rounds = Object.freeze({ news: 0, count: 0 });

/** The count, if there was no news since. */
export function roundsSince(rounds: Rounds, news: number): number {
  return rounds.news === news ? rounds.count : 0;
}
