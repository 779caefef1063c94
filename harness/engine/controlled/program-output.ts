import { writeSync } from 'node:fs';

/** Set in the environment of explorers whose program's output is to be seen. */
export const showOutputVariable = 'THREADMILL_SHOW_OUTPUT';

/**
 * Lets what the program prints on this thread appear at once, if it is to be seen. A worker's streams go through the main
 * thread's event loop, which does not turn while executions are under way, and the process is ended without ceremony
 * afterwards; so they are written to directly.
 */
export function connectOutput(): void {
  if (process.env[showOutputVariable] === undefined) return;
  for (const [stream, descriptor] of [
    [process.stdout, 1],
    [process.stderr, 2],
  ] as const) {
    stream.write = (text: string | Uint8Array): boolean => {
      writeSync(descriptor, typeof text === 'string' ? text : Buffer.from(text).toString());
      return true;
    };
  }
}
