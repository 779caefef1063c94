export * from './scenario/define.js';
export * from './scenario/history.js';
export * from './scenario/invariant.js';
export * from './scenario/limits.js';
export * from './scenario/verdict.js';
