import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { buildSync } from 'esbuild';
import type { ProducerData } from './producer-tasks.js';

let code: string | undefined;

/** A module of this folder bundled as JavaScript: not every Node can run TypeScript. */
export function bundled(file: string): string {
  const { outputFiles } = buildSync({
    entryPoints: [fileURLToPath(new URL(file, import.meta.url))],
    bundle: true,
    platform: 'node',
    format: 'cjs',
    write: false,
    logLevel: 'silent',
  });
  return outputFiles[0]?.text ?? '';
}

/** Starts a thread that submits. */
export function startProducer(workerData: ProducerData, options: { readonly stackSizeMb?: number } = {}): Worker {
  code ??= bundled('./producer-worker.ts');
  return new Worker(code, { eval: true, workerData, resourceLimits: options });
}
