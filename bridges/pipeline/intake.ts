import type { WaitOptions } from '../primitives/async-queue.js';

/** Where values go: the beginning of a stage, here or on another agent. */
export interface Intake<Value> {
  /**
   * Hands a value over, and waits for room if there is none. Rejected if it was not taken. What was handed over is not to be
   * changed any more: on one agent it is not copied.
   */
  send(value: Value, options?: WaitOptions): Promise<void>;
  /** Says that nothing more comes. Fulfilled when everything has come out at the far end; rejected if something did not. */
  end(options?: WaitOptions): Promise<void>;
  /** Says that nothing more comes, since something before has failed. What was taken before is still processed. */
  fail(error: Error): void;
}
