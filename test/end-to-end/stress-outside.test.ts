import { execFileSync } from 'node:child_process';
import { createServer, type AddressInfo } from 'node:net';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ScenarioResult } from '../../harness/results/schema.js';
import { Experiment } from './experiment.js';

const experiment = new Experiment();
/** Longer than the time after which a reader counts as stuck. */
const longMs = 2_500;
const idle = `writers: { count: 1, run() {} },`;

const stressed = (
  text: { readonly before?: string; readonly fields: string },
  instrument = true,
): Promise<ScenarioResult> =>
  experiment.run(text, { engine: 'stress', stress: { profile: 'quick', instrument }, runs: undefined });

/** One execution in which one reader does this. */
const once = (body: string, more = ''): string =>
  `${idle} readers: { count: 1, async run({ store }) { void store; ${body} } }, stress: () => ({ writers: 1, readers: 1 }), ${more}`;

/** Answers each connection after a while. */
const server = createServer((socket) => {
  setTimeout(() => socket.end('late'), longMs);
});
beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
afterAll(() => server.close());

const thread = (code: string): string => `new Worker(${JSON.stringify(code)}, { eval: true, workerData: store })`;

describe
  .skipIf(process.platform === 'win32')
  .concurrent('under stress, somebody who waits long is not taken for dead', () => {
    it.each([
      [
        'a child process',
        `import { exec } from 'node:child_process';`,
        `await new Promise((resolve) => exec('sleep 2.5', resolve));`,
      ],
      [
        'a child process, without returning',
        `import { execFileSync } from 'node:child_process';`,
        `execFileSync('sleep', ['2.5']);`,
      ],
      [
        'a file that nobody has written yet',
        `import { readFile } from 'node:fs/promises'; import { spawn } from 'node:child_process';`,
        `spawn('sh', ['-c', 'sleep 2.5; echo > fifo'], { detached: true, stdio: 'ignore' }).unref(); await readFile('fifo');`,
      ],
      [
        'a socket',
        `import { connect } from 'node:net';`,
        `await new Promise((resolve) => connect(Number(process.env.LATE_SERVER), '127.0.0.1').resume().on('close', resolve));`,
      ],
      [
        'a thread of its own',
        `import { Worker } from 'node:worker_threads';`,
        `const worker = ${thread(`setTimeout(() => require('node:worker_threads').parentPort.postMessage(1), ${longMs})`)};
       await new Promise((resolve) => worker.once('message', resolve));`,
      ],
      [
        'a thread of its own, in Atomics.wait',
        `import { Worker } from 'node:worker_threads';`,
        `${thread(`const { workerData } = require('node:worker_threads'); setTimeout(() => { Atomics.store(workerData, 0, 1); Atomics.notify(workerData, 0); }, ${longMs})`)}.unref();
       Atomics.wait(store, 0, 0);`,
      ],
    ])('waits for %s', async (_, before, body) => {
      if (body.includes('fifo')) execFileSync('mkfifo', [path.join(experiment.project, 'fifo')]);
      process.env['LATE_SERVER'] = String((server.address() as AddressInfo).port);
      const text = body.replaceAll("'fifo'", JSON.stringify(path.join(experiment.project, 'fifo')));
      expect(
        await stressed({
          before,
          fields: once(text.replaceAll('> fifo', `> ${path.join(experiment.project, 'fifo')}`)),
        }),
      ).toMatchObject({ verdict: 'held' });
    });

    it('waits for a time-out of Atomics.wait, in code without points', async () => {
      const result = await stressed({ fields: once(`Atomics.wait(store, 0, 0, ${longMs});`) }, false);
      expect(result).toMatchObject({ verdict: 'held' });
    });

    it.each([
      [
        'a socket that nobody connects to',
        `import { createServer } from 'node:net';`,
        `createServer().listen(0); await new Promise(() => {});`,
        'the main agent has 1 file, socket or child process open',
      ],
      [
        'a thread that does nothing',
        `import { Worker } from 'node:worker_threads';`,
        `${thread(`require('node:worker_threads').parentPort.on('message', () => {})`)}; Atomics.wait(store, 0, 0);`,
        'the main agent has 1 thread of its own alive',
      ],
    ])('gives up on %s', async (_, before, body, hope) => {
      const result = await stressed({
        before,
        fields: once(body, `limits: { stressTimeoutMs: 1_500 }, expect: 'hang',`),
      });
      expect(result).toMatchObject({ verdict: 'hang', met: true });
      expect(result.stress?.failure?.message).toContain(hope);
    });

    it('tells a deadlock when nothing of it is left', async () => {
      const result = await stressed({
        before: `import { readFile } from 'node:fs/promises';`,
        fields: once(`await readFile('/dev/null'); await new Promise(() => {});`, `expect: 'deadlock',`),
      });
      expect(result).toMatchObject({ verdict: 'deadlock', met: true });
    });
  });
