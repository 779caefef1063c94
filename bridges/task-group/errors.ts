/**
 * Tasks of a group have failed. `errors` has what they threw, the first one first, and `cause` is that first one. Tasks that
 * ended because they were cancelled are not included. As with Python's ExceptionGroup, this is thrown even if only one task
 * failed, so that a handler need not distinguish two cases.
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

/** The reason of a task group's signal when one of its tasks has failed. Its `cause` is what that task threw. */
export class TaskCancelled extends Error {
  override readonly name = 'TaskCancelled';
}

/** A task was to be started in a group that has ended. It was not started. */
export class TaskGroupEnded extends Error {
  override readonly name = 'TaskGroupEnded';
}
