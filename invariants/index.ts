export { checksum, type ChecksumOptions } from './checksum.js';
export { count, type CountOptions } from './count.js';
export type { Fold } from './folding.js';
export {
  monotonicVersion,
  type KeyedVersion,
  type MonotonicVersionOptions,
  type Versions,
} from './monotonic-version.js';
