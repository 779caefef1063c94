import { once } from 'node:events';
import { Worker as RealWorker } from 'node:worker_threads';
import { afterEach, describe, expect, it } from 'vitest';
import { OwnThreads } from './own-threads.js';

const idle = `require('node:worker_threads').parentPort.on('message', () => {})`;

describe('OwnThreads', () => {
  const counts: number[] = [];
  const started: RealWorker[] = [];
  const threads = new OwnThreads(import.meta.dirname, (alive) => counts.push(alive));
  const start = (code: string, Constructor = threads.Worker): RealWorker => {
    const worker = new Constructor(code, { eval: true });
    started.push(worker);
    return worker;
  };
  afterEach(async () => {
    await Promise.all(started.splice(0).map((worker) => worker.terminate()));
    counts.length = 0;
  });

  it('makes threads that programs cannot tell from those of Node', async () => {
    const worker = start(`require('node:worker_threads').parentPort.postMessage(1)`);
    expect(worker).toBeInstanceOf(RealWorker);
    expect(worker).toBeInstanceOf(threads.PackageWorker);
    expect([threads.Worker.name, worker.listenerCount('exit')]).toEqual(['Worker', 0]);
    // Its end may be reported together with what it posted before.
    expect(await Promise.all([once(worker, 'message'), once(worker, 'exit')])).toEqual([[1], [0]]);
  });

  it('counts them from the instant they are made until they have ended, whoever listens', async () => {
    const worker = start(idle);
    expect(counts).toEqual([1]);
    const second = start(idle, threads.PackageWorker);
    expect(counts).toEqual([1, 2]);
    worker.removeAllListeners();
    await worker.terminate();
    await second.terminate();
    expect(counts).toEqual([1, 2, 1, 0]);
  });

  it('does not count what cannot be started', () => {
    expect(() => new threads.Worker('', { eval: true, execArgv: ['--no-such-flag'] })).toThrow(/execArgv/);
    expect(counts).toEqual([]);
  });

  it('ends those of the scenario with the execution, unheard, and not those of packages', async () => {
    const heard: string[] = [];
    const own = start(idle).on('exit', () => heard.push('own'));
    const kept = start(idle, threads.PackageWorker).on('exit', () => heard.push('kept'));
    await Promise.all([once(own, 'online'), once(kept, 'online')]);
    threads.reset();
    while (counts.at(-1) !== 1) await new Promise((resolve) => setImmediate(resolve));
    expect([own.threadId, kept.threadId > 0, heard]).toEqual([-1, true, []]);
  });
});
