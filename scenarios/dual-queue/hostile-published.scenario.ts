import { dualQueueRecords } from 'threadmill/bridges/records';
import { hostile } from '../hostile.js';

// The printed design carries what goes through it: its faults are in how it ends, and nobody ends it here before its time.
export default hostile(dualQueueRecords.published, {
  name: 'dual-queue: hostile workload, published',
  keys: 'shared',
  expect: 'held',
});
