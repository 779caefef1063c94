import type { HistoryEvent } from '../scenario/history.js';
import type { Violation } from '../scenario/invariant.js';
import type { Failure } from '../results/failure-schema.js';
import { describeAssertion } from './failed-assertion.js';

/**
 * What an invariant threw, as the violation that it is if an assertion failed there.
 *
 * @throws everything else that it threw
 */
export function violationThrown(thrown: unknown): Violation {
  const assertion = describeAssertion(thrown);
  if (assertion === undefined) throw thrown;
  return { expected: 'its assertions to hold', found: assertion.message, thrown };
}

/** What reports say of an invariant that does not hold; the stack is that of the bundle. */
export function describeViolation(
  invariant: string,
  event: HistoryEvent | undefined,
  { expected, found, thrown }: Violation,
): Pick<Failure, 'message' | 'expected' | 'found' | 'assertion' | 'stack'> {
  const message = `${invariant} does not hold${event === undefined ? ' at the end' : ''}`;
  const assertion = thrown === undefined ? undefined : describeAssertion(thrown);
  if (assertion === undefined) return { message, expected, found };
  return { ...assertion, message: `${message}: ${assertion.message}` };
}
