import { invariant } from 'threadmill';

/** What is recorded when a stage begins to process an item, and when it has ended. */
export type Progress = `${string} begins` | `${string} ends`;

export const stagesOverlap = invariant('two items are under way at once, at least once', ({ history, final }) => {
  if (!final) return undefined;
  let underWay = 0;
  let most = 0;
  for (const event of history) {
    if (event.kind !== 'read') continue;
    underWay += (event.value as Progress).endsWith('begins') ? 1 : -1;
    most = Math.max(most, underWay);
  }
  return (
    most >= 2 || { expected: 'two items under way at once, at least once', found: 'each waited for the one before' }
  );
});
