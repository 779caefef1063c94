// The bridges that carry records, behind one interface, so that one workload can run through all of them.
export type * from './bridge.js';
export * from './dual-queue/records.js';
export * from './lock-pair/records.js';
export * from './unsynchronised/records.js';
export * from './immutable-snapshot/records.js';
