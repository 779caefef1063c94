/**
 * Tasks of a group have failed. `errors` has what they threw, the first one first, and `cause` is that first one. Tasks that
 * ended because they were cancelled are not among them. There is such an error even if but one task failed, as Python's
 * ExceptionGroup, so that whoever catches it need not tell two cases apart.
 */
export class TaskGroupFailed extends AggregateError {
  override readonly name = 'TaskGroupFailed';

  constructor(errors: readonly unknown[]) {
    const [first] = errors;
    const reason = first instanceof Error ? first.message : String(first);
    const others = errors.length === 1 ? '' : `, and ${errors.length - 1} more`;
    super(errors, `A task failed: ${reason}${others}`, { cause: first });
  }
}

/** Why the signal of a task group aborts when one of its tasks has failed. Its `cause` is what that task threw. */
export class TaskCancelled extends Error {
  override readonly name = 'TaskCancelled';
}

/** A task was to be started in a group that has ended. It was not started. */
export class TaskGroupEnded extends Error {
  override readonly name = 'TaskGroupEnded';
}
