export * from './mutex.js';
export * from './sequence-lock.js';
export * from './primitives/async-lock.js';
export * from './primitives/async-queue.js';
export { WaitTimeout } from './primitives/limit-errors.js';
export * from './primitives/loop-hold.js';
export * from './primitives/owned-lock.js';
export * from './primitives/payload.js';
