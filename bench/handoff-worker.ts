import { workerData } from 'node:worker_threads';

const { words, self, other } = workerData as { words: Int32Array; self: number; other: number };

/** Word 0: handoffs left. Words 1 and 2: the batons. Word 3: the main thread waits here for the end. */
for (;;) {
  while (Atomics.exchange(words, self, 0) === 0) Atomics.wait(words, self, 0);
  words[0] = words[0]! - 1;
  const next = words[0] > 0 ? other : 3;
  Atomics.store(words, next, 1);
  Atomics.notify(words, next, 1);
}
