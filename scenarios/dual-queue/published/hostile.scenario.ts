import { hostile } from 'threadmill/bridges/hostile';
import { dualQueueRecords } from 'threadmill/bridges/records';

// The printed design carries what goes through it: its faults are in how it ends, and here it is not ended early.
export default hostile(dualQueueRecords.published, {
  keys: 'shared',
  expect: 'held',
});
