import type { Failure } from '../results/failure-schema.js';
import type { HistoryEvent } from '../scenario/history.js';
import type { Violation } from '../scenario/invariant.js';
import { describeAssertion } from './failed-assertion.js';

/** An invariant that does not hold, and the event that showed it. */
export interface Finding extends Violation {
  readonly invariant: string;
  /** Absent when only the end of the execution showed it. */
  readonly event: HistoryEvent | undefined;
}

/**
 * What a finding is among failures: without an agent and a step if only the end of the execution showed it. The stack, if an
 * assertion failed, is that of the bundle.
 */
export function failureOf({ invariant, event, expected, found, thrown }: Finding): Failure {
  return {
    verdict: 'violation',
    invariant,
    ...((thrown === undefined ? undefined : describeAssertion(thrown)) ?? { expected, found }),
    ...(event === undefined ? {} : { agent: event.agent, step: event.step }),
  };
}

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
