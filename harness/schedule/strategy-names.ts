/** The names of strategies. They are in a separate file because strategies need fast-check, which is slow to load. */
export const strategyNames = ['mix', 'preemptions', 'pct', 'pos', 'surw', 'randomWalk', 'roundRobin'] as const;

export type StrategyName = (typeof strategyNames)[number];
