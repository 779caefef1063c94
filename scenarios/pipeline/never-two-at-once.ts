import { invariant } from 'threadmill';

/** A stage begins or has ended to process something. */
export type Progress = readonly [what: string, step: 'begins' | 'is done'];

export const stagesOverlap = invariant('two items are under way at once, at least once', ({ history, final }) => {
  if (!final) return undefined;
  let underWay = 0;
  let most = 0;
  for (const event of history) {
    if (event.kind !== 'read') continue;
    underWay += (event.value as Progress)[1] === 'begins' ? 1 : -1;
    most = Math.max(most, underWay);
  }
  return (
    most >= 2 || { expected: 'two items under way at once, at least once', found: 'each waited for the one before' }
  );
});
