/** What the exit code of a command means. */
export const exitCodes = {
  /** Every scenario met its expectation. */
  met: 0,
  /** A scenario did not meet its expectation. */
  unmet: 1,
  /** Bad usage, or a bad scenario file. */
  usage: 2,
  /** The harness itself failed. */
  harness: 3,
  /** As a shell reports a command that a signal ended. */
  interrupted: { SIGINT: 130, SIGTERM: 143 },
} as const;
