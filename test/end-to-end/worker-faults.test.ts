import process from 'node:process';
import { describe, expect, it, vi } from 'vitest';
import { Experiment, summary } from './experiment.js';

const experiment = new Experiment();

/** Scenario fields of a program that starts this text as a worker, once or more often, and waits for all to exit. */
function program(worker: string, options: { readonly workers?: number; readonly listens?: boolean } = {}): string {
  const { workers = 1, listens = false } = options;
  return `
    async run({ store }) {
      const workers = Array.from({ length: ${workers} }, () => new Worker(${JSON.stringify(worker)}, { eval: true, workerData: store }));
      await Promise.all(workers.map((worker) => new Promise((resolve) => {
        ${listens ? "worker.on('error', () => undefined);" : ''}
        worker.on('exit', resolve);
      })));
    },`;
}

const before = `import { Worker } from 'node:worker_threads';`;
const outOfMemory = 'const kept = []; for (;;) kept.push(new Array(10_000).fill(kept.length + 0.5));';
const held = { verdict: 'held', message: '' };

/** Two threads that add, to see that the explorers still work. */
const sound = `
  async run({ store }) {
    const text = "Atomics.add(require('node:worker_threads').workerData, 0, 1);";
    await Promise.all([1, 2].map(() => new Promise((resolve) => new Worker(text, { eval: true, workerData: store }).on('exit', resolve))));
    check(store[0] === 2, 'lost');
  },`;

describe('workers of a program that end badly', () => {
  it('being stopped, or throwing, in a callback of process.nextTick leaves nothing behind, however often', async () => {
    const fields = `
      async run() {
        const asleep = "process.nextTick(() => { Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0); })";
        const worker = new Worker(asleep, { eval: true });
        await new Promise((resolve) => worker.on('online', resolve));
        await worker.terminate();
        const thrower = new Worker("process.nextTick(() => { throw new Error('tick'); })", { eval: true });
        const errors = [];
        thrower.on('error', (error) => errors.push(error.message));
        await new Promise((resolve) => thrower.on('exit', resolve));
        check(errors.join() === 'tick', errors.join());
      },`;
    // A thread goes back to Node's own event loop after some hundreds of executions.
    const result = await experiment.run({ before, fields }, { runs: 700 });
    expect(summary(result)).toEqual(held);
    expect(result.notes).toEqual([]);
  });

  it.each([
    ['an error in the first line', program(`throw new TypeError('broken');`), /^TypeError: broken$/],
    ['an error later', program(`setTimeout(() => { throw new Error('later'); }, 5);`), /^Error: later$/],
    [
      'a rejection that nobody handles',
      program(`void Promise.reject(new Error('lost')); setInterval(() => {}, 1000);`),
      /Error: lost/,
    ],
    [
      'an error of a worker of a worker',
      program(`new (require('node:worker_threads').Worker)("throw new Error('inner')", { eval: true });`),
      /^Error: inner$/,
    ],
    [
      'a file that does not exist',
      `async run() { const worker = new Worker('./no-such-worker.js'); await new Promise((resolve) => worker.on('exit', resolve)); },`,
      /Cannot find module .*no-such-worker\.js/,
    ],
    ['unbounded recursion', program(`(function recurse() { recurse(); })();`), /^RangeError: Maximum call stack/],
    [
      'no memory left, with or without a listener',
      `limits: { workerHeapMiB: 24 }, ${program(outOfMemory, { listens: true })}`,
      /^worker 1 used more than limits\.workerHeapMiB \(24 MiB\): its thread ran out of memory\. .*\(default 512 MiB\)$/,
    ],
    ['a native abort', program(`process.kill(process.pid, 'SIGABRT'); for (;;);`), /SIGABRT/],
    ['the end of the process', program(`process.kill(process.pid, 'SIGKILL'); for (;;);`), /SIGKILL/],
    [
      'more messages than may wait',
      `limits: { queuedMessages: 500 }, ${program(
        `const { parentPort } = require('node:worker_threads'); for (;;) parentPort.postMessage(1);`,
      )}`,
      /limits\.queuedMessages/,
    ],
    [
      'process.exit of the main thread',
      `async run() { new Worker('setInterval(() => {}, 1000)', { eval: true }); process.exit(3); },`,
      /^process\.exit\(3\) was called$/,
    ],
  ])('%s is a crash', async (_, fields, message) => {
    const result = await experiment.run({ before, fields }, { runs: 10 });
    expect(summary(result)).toEqual({ verdict: 'crash', message: expect.stringMatching(message) as string });
  });

  it('a loop without a scheduling point is a hang that names the worker', async () => {
    const result = await experiment.run(
      { before, fields: `limits: { hangTimeoutMs: 200 }, ${program('for (;;);')}` },
      { runs: 5 },
    );
    expect(summary(result)).toEqual({
      verdict: 'hang',
      message: expect.stringMatching(/^worker 1 reached no scheduling point for 200 ms/) as string,
    });
  });

  it('a loop without a scheduling point is not ended by terminate, and is a hang', async () => {
    const fields = `limits: { hangTimeoutMs: 200 },
      async run() {
        const worker = new Worker("require('node:worker_threads').parentPort.postMessage(1); for (;;);", { eval: true });
        await new Promise((resolve) => worker.once('message', resolve));
        await worker.terminate();
      },`;
    const { verdict, message } = summary(await experiment.run({ before, fields }, { runs: 5 }));
    expect({ verdict, message }).toEqual({ verdict: 'hang', message: expect.stringContaining('worker 1') as string });
  });

  it.each([
    [
      'asleep in Atomics.wait',
      `Atomics.wait(require('node:worker_threads').workerData, 0, 0);`,
      'deadlock',
      /worker 1 waits in Atomics\.wait/,
    ],
    [
      'listening',
      `require('node:worker_threads').parentPort.on('message', () => {});`,
      'deadlock',
      /run awaits a promise that nothing settles/,
    ],
    [
      'in a loop that changes nothing',
      `while (require('node:worker_threads').workerData[0] === 0);`,
      'livelock',
      /worker 1: read #0\[0\] 0/,
    ],
  ])('a worker that stays %s for ever gets a verdict that tells of it', async (_, worker, verdict, message) => {
    const fields = `limits: { stepsWithoutProgress: 2_000 }, ${program(worker)}`;
    const result = await experiment.run({ before, fields }, { runs: 10 });
    expect(summary(result)).toEqual({ verdict, message: expect.stringMatching(message) as string });
  });

  it.each([
    ['an error in the first line', program(`throw new TypeError('broken');`, { listens: true })],
    ['unbounded recursion', program(`(function recurse() { recurse(); })();`, { listens: true })],
    ['process.exit in the first line', program('process.exit(1);')],
    [
      'terminate in Atomics.wait',
      `async run({ store }) {
        const text = "const { parentPort, workerData } = require('node:worker_threads'); parentPort.postMessage(1); Atomics.wait(workerData, 0, 0);";
        const worker = new Worker(text, { eval: true, workerData: store });
        await new Promise((resolve) => worker.once('message', resolve));
        check((await worker.terminate()) === 1, 'another code');
        check(Atomics.notify(store, 0) === 0, 'still asleep');
      },`,
    ],
    ['64 workers at once', program('', { workers: 64 })],
    [
      '70 workers one after another',
      `async run() { for (let i = 0; i < 70; i++) await new Promise((resolve) => new Worker('', { eval: true }).on('exit', resolve)); },`,
    ],
  ])('%s is an event that the program can hear', async (_, fields) => {
    expect(summary(await experiment.run({ before, fields }, { runs: 5 }))).toEqual(held);
  });

  it('that start workers without end are too many, which one line says', async () => {
    const fields = program(`
      const { Worker } = require('node:worker_threads');
      const text = "new (require('node:worker_threads').Worker)(process.env.SELF, { eval: true }); setInterval(() => {}, 1000);";
      process.env.SELF = text;
      new Worker(text, { eval: true });
      setInterval(() => {}, 1000);`);
    const { verdict, message } = summary(await experiment.run({ before, fields }, { runs: 3 }));
    expect(verdict).toBe('uncontrolled');
    expect(message).toMatch(/^new Worker\(\): [^\n]*\b64\b[^\n]*$/);
  });

  it('leave nothing behind: what is explored next holds, and no process stays', async () => {
    for (const worker of ['process.kill(process.pid, "SIGKILL"); for (;;);', 'for (;;);']) {
      const fields = `limits: { workerHeapMiB: 24, hangTimeoutMs: 200 }, ${program(worker)}`;
      expect((await experiment.run({ before, fields }, { runs: 3 })).verdict).not.toBe('held');
    }
    expect(summary(await experiment.run({ before, fields: sound }))).toEqual(held);
    await vi.waitFor(() => expect(process.getActiveResourcesInfo()).not.toContain('ProcessWrap'), { timeout: 20_000 });
  });
});
