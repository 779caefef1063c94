/** Consistent reads of plain memory that never hold up a writer. */
export interface SequenceLock {
  /** Runs `change` while no other writer runs. Blocks the agent while another writer runs. */
  write<Result>(change: () => Result): Result;
  /**
   * Runs `look` until no writer has interfered with it, and returns what that run returned.
   *
   * `look` may see the memory half changed, any number of times, before it sees it whole. It must have no side effects and keep
   * nothing but its result. An error that it throws is passed on only if it saw the memory whole.
   */
  read<Result>(look: () => Result): Result;
}

/**
 * A sequence lock on one word of shared memory, which must begin as 0 and have no other use. The word is odd while a writer is
 * at work, and different after a writer was. A reader that finds it even, reads, and finds it unchanged has read consistent
 * data. The memory it protects is read and written with plain accesses.
 *
 * @param words shared memory
 * @param index the index of the word. Default 0
 *
 * @example
 * const point = new Float64Array(new SharedArrayBuffer(16));
 * const sequence = sequenceLock(new Int32Array(new SharedArrayBuffer(4)));
 * sequence.write(() => point.set([3, 4]));
 * assert.deepEqual(sequence.read(() => [...point]), [3, 4]);
 */
export function sequenceLock(words: Int32Array, index = 0): SequenceLock {
  const waitWhileWriting = (): number => {
    while (true) {
      const sequence = Atomics.load(words, index);
      if ((sequence & 1) === 0) return sequence;
      Atomics.wait(words, index, sequence);
    }
  };
  // A plain load is not enough here: nothing would order it after the plain reads before it, and the memory model lets those
  // see what a writer writes later. Writing the same value back makes the next writer come after them.
  const isStill = (sequence: number): boolean => Atomics.compareExchange(words, index, sequence, sequence) === sequence;

  return {
    write: (change) => {
      let sequence = waitWhileWriting();
      while (Atomics.compareExchange(words, index, sequence, (sequence + 1) | 0) !== sequence) {
        sequence = waitWhileWriting();
      }
      try {
        return change();
      } finally {
        Atomics.store(words, index, (sequence + 2) | 0);
        Atomics.notify(words, index);
      }
    },
    read: (look) => {
      while (true) {
        const sequence = waitWhileWriting();
        try {
          const result = look();
          if (isStill(sequence)) return result;
        } catch (error) {
          if (isStill(sequence)) throw error;
        }
      }
    },
  };
}
