/** Consistent reads of plain memory that never hold up a writer. */
export interface SequenceLock {
  /** Runs `change` while no other writer runs. Blocks the agent while another one does. */
  write<Result>(change: () => Result): Result;
  /**
   * Runs `look` until no writer has interfered with it, and returns what that run returned.
   *
   * `look` may see the memory half changed, any number of times, before it sees it whole: it must have no side effects
   * and keep nothing of what it saw but its result. What it throws is thrown on only if it saw the memory whole.
   */
  read<Result>(look: () => Result): Result;
}

/**
 * A sequence lock on one word of shared memory, which must begin as 0 and be left alone by everybody else. The word is
 * odd while a writer is at work and has changed if one was: a reader that finds it even, reads, and finds it the same
 * has read something whole. The memory it protects is read and written with plain accesses.
 *
 * @param words shared memory
 * @param index which word of it. Default 0
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
  // A mere load would not do here: nothing would order it after the plain reads before it, for the memory model lets
  // those see what a writer writes later. Writing the same value back makes the next writer come after them.
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
