import { hostile } from 'threadmill/bridges/hostile';
import { dualQueueRecords } from 'threadmill/bridges/records';

// One queue for all writers keeps the order of writes of different writers too, so all may write the same keys.
export default hostile(dualQueueRecords.hardened, {
  name: 'dual-queue: hostile workload, hardened',
  keys: 'shared',
  expect: 'held',
});
