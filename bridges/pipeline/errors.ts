import { isError, RemoteError } from '../message-port/errors.js';

/** A stage of a pipeline could not process a value, or not get rid of the result. Its `cause` is what was thrown. */
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

/** The error as it was before it came from another agent, if it is that of a stage. */
export function asStageFailed(error: unknown): unknown {
  if (!(error instanceof RemoteError) || error.name !== 'StageFailed') return error;
  return new StageFailed(String(error.details['stage']), error.cause);
}
