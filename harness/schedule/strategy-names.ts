/** The names under which strategies are asked for. They stand apart, since strategies take fast-check, which is slow to load. */
export const strategyNames = ['mix', 'preemptions', 'pct', 'randomWalk', 'roundRobin'] as const;

export type StrategyName = (typeof strategyNames)[number];
