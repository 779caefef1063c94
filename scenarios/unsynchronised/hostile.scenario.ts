import { hostile } from 'threadmill/bridges/hostile';
import { unsynchronisedRecords } from 'threadmill/bridges/records';

// Everything goes wrong that can: slots used twice, versions given out twice, records half written. What shows first is up
// to the schedule.
export default hostile(unsynchronisedRecords, {
  name: 'unsynchronised: hostile workload',
  keys: 'shared',
  expect: 'violation',
});
