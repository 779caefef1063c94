import { isError, RemoteError } from '../message-port/errors.js';

/** A stage of a pipeline could not process a value or could not hand over the result. Its `cause` is what was thrown. */
export class StageFailed extends Error {
  override readonly name = 'StageFailed';
  /** The name of the stage. */
  readonly stage: string;

  constructor(stage: string, cause: unknown) {
    const reason = isError(cause) ? cause.message : String(cause);
    super(`Stage "${stage}" failed: ${reason}`, { cause });
    this.stage = stage;
  }
}

/** Restores a stage's error that came from another agent. Any other error is returned as it is. */
export function asStageFailed(error: unknown): unknown {
  if (!(error instanceof RemoteError) || error.name !== 'StageFailed') return error;
  return new StageFailed(String(error.details['stage']), error.cause);
}
