export type { Transition } from './consumers.js';
export type { Follower } from './follower.js';
export { readWatchedValue, ValueWatcher, type SetOptions, type ValueWatcherOptions } from './hardened.js';
export {
  createPublishedWatchedValue,
  PublishedValueWatcher,
  type PublishedWatchedValue,
  type PublishedWatchedValueOptions,
} from './published.js';
export { SimplifiedValueWatcher } from './simplified.js';
export type { ChangeWaitOptions, ValueWaitOptions, ValueWaits } from './waits.js';
export { createWatchedValue, type WatchedValue, type WatchedValueOptions } from './watched-value.js';
export { FollowerOverrun, WatchedValueTooLarge, WatcherClosed, WatcherLagging } from './watcher-errors.js';
