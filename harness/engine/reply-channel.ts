/** The file descriptor on which an explorer writes its replies, one line of JSON each. */
export const replyDescriptor = 3;

const retryMs = 1;

type WriteSync = (descriptor: number, bytes: Uint8Array, offset: number) => number;

/**
 * Writes one whole reply before it returns: replies must not be lost if the process ends right after. `writeSync` is Node's; it
 * is passed in so that a thread can write without its main thread's loop running.
 */
export function writeReply(writeSync: WriteSync, reply: unknown): void {
  // Newer versions of Node treat these two characters, which JSON does not escape, as line ends.
  const line = JSON.stringify(reply).replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029');
  const bytes = Buffer.from(`${line}\n`);
  const pause = new Int32Array(new SharedArrayBuffer(4));
  for (let written = 0; written < bytes.length;) {
    try {
      written += writeSync(replyDescriptor, bytes, written);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      Atomics.wait(pause, 0, 0, retryMs);
    }
  }
}
