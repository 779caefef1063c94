import type { Counterexample, Operation } from '../../results/schema.js';
import { factsOf } from '../../results/operation-facts.js';

/**
 * The operation at which a failure showed, if it is in the trace. What shows at the very end, and is nobody's, has none.
 *
 * An entry into the history bears the number of the operation that comes next, so a number may stand for several.
 */
export function brokenOperation({ failure, trace }: Counterexample): Operation | undefined {
  if (failure.step === undefined || failure.agent === undefined) return undefined;
  const candidates = trace.filter((operation) => operation.step === failure.step && operation.agent === failure.agent);
  // Invariants are judged when something is entered into the history.
  const judged = failure.invariant === undefined ? undefined : candidates.findLast(isNoteTaking);
  return judged ?? candidates.at(-1);
}

/** Whether an operation is the program's word about itself, rather than something it does. */
export function isNoteTaking(operation: Operation): boolean {
  return factsOf(operation).isRecord === true;
}
