export { PublishedSharedCounter } from './published.js';
export { LoopCounter, SharedCounter } from './shared-counter.js';
