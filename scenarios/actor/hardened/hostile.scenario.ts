import { hostile } from 'threadmill/bridges/hostile';
import { actorRecords } from 'threadmill/bridges/records';
import { acknowledgedIsApplied } from '../../acknowledged-is-applied.js';

// The table is the state of an actor on the main agent. Writers and readers send requests, and the actor handles one after
// another. All write the same keys, and the order in which their writes were acknowledged is kept.
export default hostile(actorRecords.hardened, {
  keys: 'shared',
  invariants: [acknowledgedIsApplied],
  expect: 'held',
});
