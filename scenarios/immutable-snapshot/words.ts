import { invariant } from 'threadmill';

/** Each snapshot that was read is of one version: all its words are equal. */
export const whole = invariant('whole', ({ event }) => {
  if (event?.kind !== 'read') return true;
  const words = event.value as readonly number[];
  return words.every((word) => word === words[0]) || { expected: 'words of one version', found: words.join(', ') };
});
