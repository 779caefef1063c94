export type { ChangeObserver, ObserverErrorHandler } from './change-observers.js';
export * from './lock-pair.js';
export * from './published.js';
export * from './state-lock.js';
export { createLockPair, type LockPairState } from './state.js';
export type { TimedCall, TimedThreadCall } from './timed-call.js';
