import { hostile } from 'threadmill/bridges/hostile';
import { dualQueueRecords } from 'threadmill/bridges/records';

// One queue for all writers also keeps the order of writes of different writers, so all may write the same keys.
export default hostile(dualQueueRecords.hardened, {
  keys: 'shared',
  expect: 'held',
});
