// The bridges that carry records, behind one interface, so that one workload can run through all of them.
export type * from './bridge.js';
export * from './record-bridges.js';
export * from './actor/records.js';
export * from './dual-queue/records.js';
export * from './immutable-snapshot/records.js';
export * from './lock-pair/records.js';
export * from './message-port/records.js';
export * from './pipeline/records.js';
export * from './unsynchronised/records.js';
