import { bundlesOf, type CompiledScenario } from '../../instrument/compiled.js';
import type { Failure } from '../../results/schema.js';
import { invariantsOf, type AnyScenario } from '../../scenario/any-scenario.js';
import { assertionNames, type AssertionPlace } from '../../scenario/assertions.js';
import type { HistoryEvent } from '../../scenario/history.js';
import { failureOf } from '../finding.js';
import { lostMethod } from '../lost-methods.js';
import { mapStack } from '../map-stack.js';
import { judgeHistory } from './judge.js';
import { reportThrown, type ThrownReport } from './thrown-report.js';

/** What is said of an execution. */
export interface StressVerdict {
  /** Null if it held. */
  readonly failure: Failure | null;
  /** The name of its outcome, if the scenario names outcomes. */
  readonly outcome: string | null;
}

/**
 * Judges an execution that came to its end. Never throws: if an invariant or the outcomes do, that is the failure.
 *
 * @param history of all agents, in order
 * @param compiled by which stacks are mapped to the sources
 */
export function verdictOn(
  scenario: AnyScenario,
  store: unknown,
  history: readonly HistoryEvent[],
  compiled: CompiledScenario,
): StressVerdict {
  let outcome: string | null = null;
  try {
    outcome = scenario.outcomes?.of({ store, history }) ?? null;
    const finding = judgeHistory(invariantsOf(scenario), history, store);
    return { failure: finding === undefined ? null : mapped(failureOf(finding), compiled), outcome };
  } catch (error) {
    const { message, stack } = reportThrown(error, compiled);
    const failure: Failure = {
      verdict: 'crash',
      message: `an invariant threw: ${message}`,
      ...(stack === undefined ? {} : { stack }),
    };
    return { failure, outcome };
  }
}

function mapped(failure: Failure, compiled: CompiledScenario): Failure {
  const { stack } = failure;
  return stack === undefined ? failure : { ...failure, stack: mapStack(stack, bundlesOf(compiled)) };
}

/**
 * What an execution failed with in which the program threw: a violation if an assertion failed, else a crash. If a method is
 * missing because the store is a copy on that agent, the message says so.
 *
 * @param agent on which it was thrown
 * @param onMain what the main agent was running by then
 */
export function failureOfThrown(
  thrown: ThrownReport,
  agent: number,
  onMain: Exclude<AssertionPlace, 'writer'>,
  store: unknown,
): Failure {
  const { message, stack, assertion } = thrown;
  const why = agent === 0 ? undefined : lostMethod(message, store);
  const what = {
    message: why === undefined ? message : `${message}\n${why}`,
    agent,
    ...(stack === undefined ? {} : { stack }),
  };
  if (assertion === undefined) return { verdict: 'crash', ...what };
  return { verdict: 'violation', invariant: assertionNames[agent > 0 ? 'writer' : onMain], ...assertion, ...what };
}
