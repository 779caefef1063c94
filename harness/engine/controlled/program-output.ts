import { writeSync } from 'node:fs';

/**
 * Makes what the program prints on this thread appear immediately. A worker's streams go through the main thread's event loop,
 * which does not run during executions, and the process is killed afterwards, so this writes to the descriptors directly.
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
