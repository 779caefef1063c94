import { hostile } from 'threadmill/bridges/hostile';
import { messagePortRecords } from 'threadmill/bridges/records';
import { acknowledgedIsApplied } from '../../acknowledged-is-applied.js';

// Each writer has its own port, which keeps messages until the main agent listens, and a write is acknowledged when it is in
// the table: nothing is lost, whenever the two sides begin and end.
export default hostile(messagePortRecords.hardened, {
  keys: 'shared',
  invariants: [acknowledgedIsApplied],
  expect: 'held',
});
