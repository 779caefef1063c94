import { holdLoop } from '../primitives/loop-hold.js';

/** A word of shared memory in which writers say that they write no more. */
export type ClosedWriters = Int32Array<SharedArrayBuffer>;

/** Nobody has closed yet. */
export function createClosedWriters(): ClosedWriters {
  return new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
}

/** One writer more has closed. */
export function sayClosed(closed: ClosedWriters): void {
  Atomics.add(closed, 0, 1);
  Atomics.notify(closed, 0);
}

/** Waits, without blocking, until so many writers have closed. */
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
