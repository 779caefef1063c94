import { hostile } from 'threadmill/bridges/hostile';
import { unsynchronisedRecords } from 'threadmill/bridges/records';

// Everything that can go wrong does: slots used twice, versions used twice, records half written. The schedule
// decides what shows first.
export default hostile(unsynchronisedRecords, {
  keys: 'shared',
  expect: 'violation',
});
