export { bounded, type BoundedOptions } from './bounded.js';
export { checksum, type ChecksumOptions } from './checksum.js';
export { count, type CountOptions } from './count.js';
export type { DeliveryOptions } from './deliveries.js';
export { exactlyOnce } from './exactly-once.js';
export { fifoPerProducer } from './fifo-per-producer.js';
export type { Fold } from './folding.js';
export {
  monotonicVersion,
  type KeyedVersion,
  type MonotonicVersionOptions,
  type Versions,
} from './monotonic-version.js';
export { mutualExclusion, type MutualExclusionOptions } from './mutual-exclusion.js';
export {
  noTransitionMissed,
  type EndedConsumer,
  type NoTransitionMissedOptions,
  type SeenTransition,
  type SetTransition,
} from './no-transition-missed.js';
export { quiescent, type QuiescentOptions } from './quiescent.js';
