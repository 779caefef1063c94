import type { HistoryEvent } from '../../scenario/history.js';
import type { Invariant, InvariantChecker, Moment, Violation } from '../../scenario/invariant.js';
import { violationThrown, type Finding } from '../finding.js';

function judgeEvent(
  checker: InvariantChecker<unknown>,
  event: HistoryEvent,
  moment: Moment<unknown>,
): Violation | undefined {
  if (checker.review !== undefined) return checker.review(event, moment);
  if (checker.learn === undefined) return checker.observe?.(event, moment);
  checker.learn(event);
  return undefined;
}

function asked(ask: () => Violation | undefined): Violation | undefined {
  try {
    return ask();
  } catch (thrown) {
    return violationThrown(thrown);
  }
}

/**
 * Judges an execution whose threads ran in parallel, when all of them have finished. Checkers only judge single events if they do
 * not read the store, because by now it has its final content.
 */
export function judgeHistory(
  invariants: readonly Invariant<unknown>[],
  history: readonly HistoryEvent[],
  store: unknown,
): Finding | undefined {
  const checkers = invariants.map((invariant) => ({ name: invariant.name, checker: invariant.begin() }));
  const soFar: HistoryEvent[] = [];
  for (const event of history) {
    soFar.push(event);
    for (const { name, checker } of checkers) {
      const violation = asked(() => judgeEvent(checker, event, { store, history: soFar }));
      if (violation !== undefined) return { invariant: name, event, ...violation };
    }
  }
  for (const { name, checker } of checkers) {
    const violation = asked(() => checker.finish?.({ store, history }));
    if (violation !== undefined) return { invariant: name, event: undefined, ...violation };
  }
  return undefined;
}
