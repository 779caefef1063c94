import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { buildSync } from 'esbuild';

const bridges = fileURLToPath(new URL('..', import.meta.url));

/**
 * Starts a real worker thread that runs TypeScript code, outside the harness.
 *
 * @param code the text of a module in bridges/, which may import `./primitives/owned-lock.js`, for example
 * @param workerData its `workerData` in `node:worker_threads`
 */
export function startWorker(code: string, workerData: unknown): Worker {
  const { outputFiles } = buildSync({
    stdin: { contents: code, resolveDir: bridges, loader: 'ts' },
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    write: false,
  });
  return new Worker(outputFiles[0]!.text, { eval: true, workerData });
}

/** The next message of a worker. Rejects if it fails, or ends, without posting anything. */
export async function nextMessage(worker: Worker): Promise<unknown> {
  if (worker.threadId === -1) throw new Error('The worker has ended.');
  const gone = new AbortController();
  worker.once('exit', () => gone.abort(new Error('The worker has ended.')));
  const [message] = (await once(worker, 'message', gone)) as [unknown];
  return message;
}

/** Waits for a worker to end by itself. Rejects if it fails. */
export async function ended(worker: Worker): Promise<void> {
  // The last message and the end may come in the same turn.
  if (worker.threadId !== -1) await once(worker, 'exit');
}
