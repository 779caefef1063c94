/** What a scenario file gets when it imports `threadmill`; it is bundled with the scenario, so it stays free of Node. */
export * from './scenario/define.js';
export * from './scenario/history.js';
export * from './scenario/invariant.js';
export * from './scenario/limits.js';
export type { OutcomeGrade, Outcomes } from './scenario/outcomes.js';
export * from './scenario/verdict.js';
export * from './scenario/record-table.js';
