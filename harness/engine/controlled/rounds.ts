/** How often in a row a chain of tasks, each led to by the one before, had gone round since the news of that number. */
export interface Rounds {
  readonly news: number;
  readonly count: number;
}

/** What is to begin a chain. */
export const noRounds: Rounds = Object.freeze({ news: 0, count: 0 });

/** The count, if there were no news since. */
export function roundsSince(rounds: Rounds, news: number): number {
  return rounds.news === news ? rounds.count : 0;
}
