import type { Counterexample, Operation } from '../../results/schema.js';
import { factsOf } from '../../results/operation-facts.js';

/**
 * The operation at which a failure showed, if it is in the trace. A failure that showed at the end has none.
 *
 * An entry into the history has the number of the next operation, so several operations may share a number.
 */
export function brokenOperation({ failure, trace }: Counterexample): Operation | undefined {
  if (failure.step === undefined || failure.agent === undefined) return undefined;
  const candidates = trace.filter((operation) => operation.step === failure.step && operation.agent === failure.agent);
  // Invariants are judged at entries into the history.
  const judged = failure.invariant === undefined ? undefined : candidates.findLast(isNoteTaking);
  return judged ?? candidates.at(-1);
}

/** Whether an operation is an entry into the history. */
export function isNoteTaking(operation: Operation): boolean {
  return factsOf(operation).isRecord === true;
}
