import { hostile } from 'threadmill/bridges/hostile';
import { actorRecords } from 'threadmill/bridges/records';

// What the article says of its actor is true: a state that no other code touches needs no lock. Its faults show when a handler
// throws, when a caller gives up waiting, and at the end.
export default hostile(actorRecords.published, {
  keys: 'shared',
  expect: 'held',
});
