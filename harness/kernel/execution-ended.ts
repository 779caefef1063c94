/**
 * Thrown at a scheduling point to unwind the program under test once its execution is over. Not an Error: there is no
 * stack to capture, and a program that inspects what it caught should not mistake it for one of its own errors.
 */
export class ExecutionEnded {
  readonly message = 'the execution has ended';
}

export const executionEnded: ExecutionEnded = Object.freeze(new ExecutionEnded());
