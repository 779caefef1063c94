import { parentPort } from 'node:worker_threads';
import type { WorkerHandle } from 'threadmill';

/** A worker that answers one question, with its number, or reports that it has failed. */
export function answerOnce(answer: number | 'failed'): Promise<void> {
  const port = parentPort!;
  return new Promise((resolve) => {
    port.once('message', () => {
      port.postMessage(answer);
      resolve();
    });
  });
}

/** Sends a worker a question, and waits for its answer, or until the signal aborts. */
export function fetchFrom(worker: WorkerHandle, signal?: AbortSignal): Promise<number> {
  return new Promise((resolve, reject) => {
    const leave = (): void => {
      worker.off('message', listener);
      signal?.removeEventListener('abort', abort);
    };
    const listener = (answer: unknown): void => {
      leave();
      if (answer === 'failed') reject(new Error('The worker has failed.'));
      else resolve(answer as number);
    };
    const abort = (): void => {
      leave();
      reject(signal?.reason as Error);
    };
    worker.on('message', listener);
    signal?.addEventListener('abort', abort);
    worker.postMessage('question');
  });
}
