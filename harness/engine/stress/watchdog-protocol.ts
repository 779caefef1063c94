import type { Failure, Site } from '../../results/schema.js';

/** The data with which the watchdog's thread is started. */
export interface WatchdogData {
  readonly words: Int32Array<SharedArrayBuffer>;
  readonly sites: readonly (Site | null)[];
  /** The parent process, which must be alive. */
  readonly parentProcess: number;
}

/** The last reply of a stress process whose execution can only be ended together with the process. */
export interface StressFatalReply {
  readonly kind: 'fatal';
  readonly failure: Failure;
  /** The number of executions that had ended before. */
  readonly executions: number;
  readonly writers: number;
}
