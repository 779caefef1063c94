import { HarnessError } from '../errors.js';

/** What was thrown, as an Error. No known code throws anything else. */
export function asError(thrown: unknown): Error {
  return thrown instanceof Error
    ? thrown
    : new HarnessError(`a value that is not an Error was thrown: ${String(thrown)}`);
}
