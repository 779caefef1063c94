import { immutableSnapshotRecords } from 'threadmill/bridges/records';
import { hostile } from '../hostile.js';

// Each write publishes a whole new table, and a version that is being read is not written over: nothing is lost, torn, or seen
// to go back.
export default hostile(immutableSnapshotRecords, {
  name: 'immutable-snapshot: hostile workload',
  keys: 'shared',
  expect: 'held',
});
