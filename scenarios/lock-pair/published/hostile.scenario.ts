import { hostile } from 'threadmill/bridges/hostile';
import { publishedLockPairRecords } from 'threadmill/bridges/records';

// The writers exclude each other, so nothing is lost. The readers exclude each other too, but not the writers: they
// see records half written.
export default hostile(publishedLockPairRecords, {
  keys: 'shared',
  expect: { verdict: 'violation', invariant: 'checksum' },
});
