import type { WaitOptions } from '../primitives/async-queue.js';

/** Where values enter: the beginning of a stage, here or on another agent. */
export interface Intake<Value> {
  /**
   * Hands a value over, and waits for room if there is none. Rejected if the value was not taken. Do not change a value after
   * handing it over: on one agent it is not copied.
   */
  send(value: Value, options?: WaitOptions): Promise<void>;
  /** Says that no more values come. Fulfilled when all have come out at the far end; rejected if one did not. */
  end(options?: WaitOptions): Promise<void>;
  /** Says that no more values come, since an earlier stage has failed. Values taken before are still processed. */
  fail(error: Error): void;
}
