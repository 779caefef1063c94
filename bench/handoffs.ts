import { Worker } from 'node:worker_threads';

/** Two workers that only pass a turn back and forth with Atomics.wait and notify. */
export class BareHandoffs {
  readonly #words = new Int32Array(new SharedArrayBuffer(16));
  readonly #workers: readonly Worker[];

  constructor() {
    this.#workers = [1, 2].map(
      (self) =>
        new Worker(new URL('./handoff-worker.js', import.meta.url), {
          workerData: { words: this.#words, self, other: 3 - self },
        }),
    );
  }

  /** Performs a number of handoffs, and blocks until they are done. */
  perform(handoffs: number): void {
    const words = this.#words;
    words[0] = handoffs;
    Atomics.store(words, 1, 1);
    Atomics.notify(words, 1, 1);
    while (Atomics.exchange(words, 3, 0) === 0) Atomics.wait(words, 3, 0);
  }

  async close(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }
}
