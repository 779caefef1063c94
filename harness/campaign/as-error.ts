import { HarnessError } from '../errors.js';

/** What was thrown, as an error: whatever else it is has come from nowhere known. */
export function asError(thrown: unknown): Error {
  return thrown instanceof Error
    ? thrown
    : new HarnessError(`something was thrown that is no error: ${String(thrown)}`);
}
