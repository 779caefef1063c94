/** Records that one writer has written everything. */
export function saysWritten(finished: Int32Array): void {
  Atomics.add(finished, 0, 1);
  Atomics.notify(finished, 0);
}

/** Waits, without blocking, until that many writers have written everything. */
export async function allWritten(finished: Int32Array, writers: number): Promise<void> {
  for (let found = Atomics.load(finished, 0); found < writers; found = Atomics.load(finished, 0)) {
    await Atomics.waitAsync(finished, 0, found).value;
  }
}
