import { holdLoop } from '../primitives/loop-hold.js';

/** A word of shared memory that counts the writers that are done. */
export type ClosedWriters = Int32Array<SharedArrayBuffer>;

/** Makes the word, with no writer closed. */
export function createClosedWriters(): ClosedWriters {
  return new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
}

/** Counts one more writer as closed. */
export function sayClosed(closed: ClosedWriters): void {
  Atomics.add(closed, 0, 1);
  Atomics.notify(closed, 0);
}

/** Waits, without blocking, until that many writers have closed. */
export async function allClosed(closed: ClosedWriters, writers: number): Promise<void> {
  const release = holdLoop();
  try {
    while (true) {
      const found = Atomics.load(closed, 0);
      if (found >= writers) return;
      await Atomics.waitAsync(closed, 0, found).value;
    }
  } finally {
    release();
  }
}
