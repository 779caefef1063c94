import type { Failure } from '../results/failure-schema.js';
import type { HistoryEvent } from '../scenario/history.js';
import type { Violation } from '../scenario/invariant.js';

/** An invariant that does not hold, and the event that showed it. */
export interface Finding extends Violation {
  readonly invariant: string;
  /** Absent when only the end of the execution showed it. */
  readonly event: HistoryEvent | undefined;
}

/** What a finding is among failures: without an agent and a step if only the end of the execution showed it. */
export function failureOf({ event, ...violation }: Finding): Failure {
  return {
    verdict: 'violation',
    ...violation,
    ...(event === undefined ? {} : { agent: event.agent, step: event.step }),
  };
}
