import { hostile } from 'threadmill/bridges/hostile';
import { lockPairRecords, type LockPairRecordsState } from 'threadmill/bridges/records';
import { quiescent } from 'threadmill/invariants';

const holderWord = 0;

// One lock for threads and coroutines, which the loop waits for without blocking: nothing is lost, torn, or seen to go back,
// and the lock is free at the end.
export default hostile(lockPairRecords, {
  keys: 'shared',
  invariants: [quiescent({ left: ({ lock }: LockPairRecordsState) => lock[holderWord]! })],
  expect: 'held',
});
