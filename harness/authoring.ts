/** What a scenario file gets when it imports `threadmill`. It is bundled with the scenario, so it must not use Node. */
export * from './scenario/define.js';
export * from './scenario/history.js';
export * from './scenario/invariant.js';
export * from './scenario/limits.js';
export type { OutcomeGrade, Outcomes } from './scenario/outcomes.js';
export * from './scenario/verdict.js';
export * from './scenario/record-table.js';
