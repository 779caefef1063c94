import { sequenceLock, type SequenceLock } from 'threadmill/bridges';

/** A sequence lock whose readers look at the sequence before they read, and not again afterwards. */
export function sequenceLockCheckedOnce(words: Int32Array): SequenceLock {
  const sound = sequenceLock(words);
  return {
    write: (change) => sound.write(change),
    read: (look) => {
      while (true) {
        const sequence = Atomics.load(words, 0);
        if ((sequence & 1) === 0) return look();
        Atomics.wait(words, 0, sequence);
      }
    },
  };
}
