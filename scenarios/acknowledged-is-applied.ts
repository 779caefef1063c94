import { invariant, readTable } from 'threadmill';
import type { BridgeState } from 'threadmill/bridges/records';

/** For bridges that acknowledge a write when it is in the table: every later read sees it. */
export const acknowledgedIsApplied = invariant<BridgeState>(
  'what was acknowledged is in the table',
  ({ event, history, store }) => {
    if (event?.kind !== 'writeAcknowledged') return true;
    const acknowledged = history.filter(({ kind }) => kind === 'writeAcknowledged').length;
    const { version } = readTable(store.table);
    return version >= acknowledged || { expected: `version ${acknowledged} or later`, found: `version ${version}` };
  },
);
