import { invariant } from 'threadmill';

/** Two numbers that count up, `left` always before `right`. */
export interface Balances {
  readonly left: number;
  readonly right: number;
}

/** In each snapshot `left` is equal to `right` or one step ahead, as at any one moment. */
export const oneMoment = invariant('one moment', ({ event }) => {
  if (event?.kind !== 'read') return true;
  const { left, right } = event.value as Balances;
  const expected = 'left to be as far as right, or one step ahead';
  return left === right || left === right + 1 || { expected, found: JSON.stringify(event.value) };
});
