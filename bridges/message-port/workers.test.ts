import { MessageChannel } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { ended, startWorker } from '../testing/start-worker.js';
import { PortClosed } from './errors.js';
import { lineOver } from './line.js';
import { PortReader } from './port-reader.js';
import { PortWriter } from './port-writer.js';

// Real threads, outside the harness: what ports do when one of the threads ends or dies.
describe('ports between threads', () => {
  it('carry values over the channel of a Worker, and let it end by itself afterwards', async () => {
    const worker = startWorker(
      `import { parentPort } from 'node:worker_threads';
       import { lineOver, PortWriter } from './message-port/index.js';
       const writer = new PortWriter(lineOver(parentPort, 'numbers'));
       Promise.all([1, 2, 3].map((value) => writer.write(value))).then(() => writer.end());`,
      {},
    );
    const seen: number[] = [];
    const reader = new PortReader(lineOver(worker, 'numbers'), (value: number) => void seen.push(value), { window: 1 });
    expect(await reader.finished).toBe('ended');
    expect(seen).toEqual([1, 2, 3]);
    await ended(worker);
  });

  it('find one another if others have listened at parentPort before', async () => {
    const worker = startWorker(
      `import { parentPort } from 'node:worker_threads';
       import { lineOver, PortWriter } from './message-port/index.js';
       parentPort.on('message', (message) => {
         if (message !== 'begin') return;
         const writer = new PortWriter(lineOver(parentPort, 'late'));
         writer.write('here').then(() => writer.end()).then(() => process.exit());
       });
       parentPort.postMessage('listening');`,
      {},
    );
    const seen: string[] = [];
    const reader = new PortReader(lineOver(worker, 'late'), (value: string) => void seen.push(value));
    // What the reader has said so far went to the other listener.
    worker.on('message', (message) => {
      if (message === 'listening') worker.postMessage('begin');
    });
    expect(await reader.finished).toBe('ended');
    expect(seen).toEqual(['here']);
    await ended(worker);
  });

  it.each(['process.exit()', 'throw new Error("dies")'])(
    'reject what is under way when the worker dies: %s',
    async (death) => {
      const { port1, port2 } = new MessageChannel();
      const worker = startWorker(
        `import { parentPort, workerData } from 'node:worker_threads';
       import { lineOver, PortReader } from './message-port/index.js';
       const die = (value) => { if (value === 'die') setImmediate(() => { ${death}; }); return new Promise(() => {}); };
       new PortReader(lineOver(parentPort, 'line'), die, { concurrency: 2 });
       parentPort.once('message', () => undefined);
       parentPort.on('message', ({ port }) => { if (port) new PortReader(port, die); });`,
        {},
      );
      worker.on('error', () => undefined);
      worker.postMessage({ port: port2 }, [port2]);
      const overChannel = new PortWriter<string>(lineOver(worker, 'line'));
      const overPort = new PortWriter<string>(port1);
      const pending = [overPort.write('wait'), overChannel.write('wait')];
      for (const write of pending) write.catch(() => undefined);
      await overPort.send('wait');
      await overChannel.send('die');
      for (const write of pending) await expect(write).rejects.toThrow(PortClosed);
      await expect(overPort.write('late')).rejects.toThrow('The other end of the port is gone.');
      await expect(overChannel.end()).rejects.toThrow('The agent at the other end of the line has ended.');
      await ended(worker);
    },
  );

  it('tell the reader of a writer that dies', async () => {
    const worker = startWorker(
      `import { parentPort } from 'node:worker_threads';
       import { lineOver, PortWriter } from './message-port/index.js';
       const writer = new PortWriter(lineOver(parentPort, 'line'));
       writer.write('a').then(() => process.exit());`,
      {},
    );
    const seen: string[] = [];
    const reader = new PortReader(lineOver(worker, 'line'), (value: string) => void seen.push(value));
    expect(await reader.finished).toBe('gone');
    expect(seen).toEqual(['a']);
    await ended(worker);
  });

  it('keep no worker running for a writer that is idle', async () => {
    const { port1, port2 } = new MessageChannel();
    const worker = startWorker(
      `import { parentPort } from 'node:worker_threads';
       import { PortWriter } from './message-port/index.js';
       parentPort.once('message', (port) => {
         const writer = new PortWriter(port);
         void writer.write('a');
       });`,
      {},
    );
    const seen: string[] = [];
    const reader = new PortReader(port1, (value: string) => void seen.push(value));
    worker.postMessage(port2, [port2]);
    await ended(worker);
    expect(await reader.finished).toBe('gone');
    expect(seen).toEqual(['a']);
  });
});
