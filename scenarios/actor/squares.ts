import { invariant } from 'threadmill';

/** A question, and what was taken for its answer; `none` if the question was abandoned. */
export type Exchange = readonly [question: number, answer: unknown];

export const eachAnswerToItsQuestion = invariant('each answer is to its question', ({ event }) => {
  if (event?.kind !== 'read') return undefined;
  const [question, answer] = event.value as Exchange;
  if (answer === 'none' || answer === question ** 2) return undefined;
  return { expected: `${question ** 2} for ${question}, or none in time`, found: String(answer) };
});
