import type { Failure, Site } from '../../results/schema.js';

/** What the watchdog's thread is started with. */
export interface WatchdogData {
  readonly words: Int32Array<SharedArrayBuffer>;
  readonly sites: readonly (Site | null)[];
  /** The process that must be alive. */
  readonly parentProcess: number;
}

/** The last reply of a stress process whose execution cannot be ended in any other way than with the process. */
export interface StressFatalReply {
  readonly kind: 'fatal';
  readonly failure: Failure;
  /** Executions that had ended before. */
  readonly executions: number;
  readonly writers: number;
}
