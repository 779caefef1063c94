import { describe, expect, it } from 'vitest';
import { ended, nextMessage, startWorker } from '../testing/start-worker.js';

const start = (code: string, words = new Int32Array(new SharedArrayBuffer(4))) =>
  startWorker(
    `import { parentPort, workerData } from 'node:worker_threads';
    import { holdLoop } from './primitives/loop-hold.js';
    const post = (message) => parentPort.postMessage(message);
    ${code}`,
    words,
  );

describe('holdLoop', () => {
  it('keeps a thread alive that waits, until it lets go', async () => {
    const worker = start(`
      const release = holdLoop();
      void Atomics.waitAsync(workerData, 0, 0, 5).value.then(post).then(release);
    `);
    expect(await nextMessage(worker)).toBe('timed-out');
    await ended(worker);
  });

  it('is what it takes: without it the thread ends in the midst of waiting', async () => {
    const worker = start('void Atomics.waitAsync(workerData, 0, 0, 5).value.then(post);');
    await expect(nextMessage(worker)).rejects.toThrow();
  });

  it('holds until everybody has let go, however often one of them does', async () => {
    const words = new Int32Array(new SharedArrayBuffer(4));
    const worker = start(
      `
      const release = holdLoop();
      const other = holdLoop();
      other();
      other();
      void Atomics.waitAsync(workerData, 0, 0, 5).value
        .then(post)
        .then(() => Atomics.waitAsync(workerData, 0, 0).value)
        .then(post)
        .then(release);
      `,
      words,
    );
    expect(await nextMessage(worker)).toBe('timed-out');
    const woken = nextMessage(worker);
    while (Atomics.notify(words, 0) === 0) await new Promise((resolve) => setImmediate(resolve));
    expect(await woken).toBe('ok');
    await ended(worker);
  });

  it('holds again after it has let go', async () => {
    const worker = start(`
      holdLoop()();
      const release = holdLoop();
      void Atomics.waitAsync(workerData, 0, 0, 5).value.then(post).then(release);
    `);
    expect(await nextMessage(worker)).toBe('timed-out');
    await ended(worker);
  });
});
