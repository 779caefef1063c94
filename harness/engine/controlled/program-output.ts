import { writeSync } from 'node:fs';

/**
 * Lets what the program prints on this thread appear at once. A worker's streams go through the main
 * thread's event loop, which does not turn while executions are under way, and the process is ended without ceremony
 * afterwards; so they are written to directly.
 */
export function connectOutput(): void {
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
