import { hostile } from 'threadmill/bridges/hostile';
import { immutableSnapshotRecords, type ImmutableSnapshotRecordsState } from 'threadmill/bridges/records';
import { quiescent } from 'threadmill/invariants';

/** Versions that can never be written again: the word of each slot is 0 if it is free, and one slot is current. */
const leaked = ({ pool }: ImmutableSnapshotRecordsState): number =>
  pool.pins.subarray(1).filter((pins) => pins !== 0n).length - 1;

// Each write publishes a whole new table, and a version that is being read is not overwritten: nothing is lost, torn, or seen
// to go back, and every version but the current one is free at the end.
export default hostile(immutableSnapshotRecords, {
  keys: 'shared',
  invariants: [quiescent({ left: leaked })],
  expect: 'held',
});
