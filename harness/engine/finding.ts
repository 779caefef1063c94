import type { Failure } from '../results/failure-schema.js';
import type { HistoryEvent } from '../scenario/history.js';
import type { Violation } from '../scenario/invariant.js';
import { describeAssertion } from './failed-assertion.js';

/** A violated invariant, and the event that showed it. */
export interface Finding extends Violation {
  readonly invariant: string;
  /** Absent if only the end of the execution showed it. */
  readonly event: HistoryEvent | undefined;
}

/**
 * A finding as a failure: without an agent and a step if only the end of the execution showed it. If an assertion failed, the
 * stack has positions in the bundle.
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
 * What an invariant threw, as a violation, if it is a failed assertion.
 *
 * @throws anything else that it threw
 */
export function violationThrown(thrown: unknown): Violation {
  const assertion = describeAssertion(thrown);
  if (assertion === undefined) throw thrown;
  return { expected: 'its assertions to hold', found: assertion.message, thrown };
}
