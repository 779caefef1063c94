import type { StressProfile } from '../../scenario/define.js';

export const profileNames = ['article', 'quick', 'soak'] as const;
export type ProfileName = (typeof profileNames)[number];

/** A profile, and the time for which one repetition repeats small executions. */
export interface NamedProfile extends StressProfile {
  readonly name: ProfileName;
  /** A repetition starts no further execution after this time. */
  readonly repetitionMs: number;
}

/** The first article's hostile test: 8 threads, 5,000 keys, 100 concurrent readers. */
const article = { writers: 8, iterations: 5_000, readers: 100 } as const;

export const profiles: Readonly<Record<ProfileName, NamedProfile>> = {
  article: { name: 'article', ...article, repetitionMs: 5_000 },
  quick: { name: 'quick', writers: 4, iterations: 500, readers: 10, repetitionMs: 1_000 },
  soak: { name: 'soak', ...article, repetitionMs: 5_000 },
};

/** How long `soak` runs by default. */
export const defaultSoakMs = 600_000;
/** The default intensity of disturbances. */
export const defaultAmplify = 0.5;
