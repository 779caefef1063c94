import { invariant } from 'threadmill';

/** Worker i answers i, so results in the order of the workers count up. */
export const inTheOrderOfTheTasks = invariant('results are in the order of the tasks', ({ event }) => {
  if (event?.kind !== 'read') return undefined;
  const results = event.value as number[];
  const expected = results.map((_, index) => index).join(', ');
  return results.join(', ') === expected || { expected, found: results.join(', ') };
});
