import { hostile } from 'threadmill/bridges/hostile';
import { messagePortRecords } from 'threadmill/bridges/records';

// Writers do not learn whether a message arrived. Messages that come before the main agent listens, or after it has stopped,
// are dropped, though their writes count as done.
export default hostile(messagePortRecords.published, {
  expect: { verdict: 'violation', invariant: 'count' },
});
