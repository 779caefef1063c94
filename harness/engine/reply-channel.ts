/** The file descriptor on which an explorer writes its replies, one line of JSON each. */
export const replyDescriptor = 3;

const retryMs = 1;

type WriteSync = (descriptor: number, bytes: Uint8Array, offset: number) => number;

/**
 * Writes one reply, all of it, before it returns: replies must not be lost when the process ends in the next instant.
 * `writeSync` is Node's; it is handed in so that a thread can write without its main thread's loop turning.
 */
export function writeReply(writeSync: WriteSync, reply: unknown): void {
  // Newer versions of Node take these two, which JSON leaves as they are, for the ends of lines.
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
