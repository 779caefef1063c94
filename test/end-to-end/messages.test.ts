import { describe, expect, it } from 'vitest';
import { Experiment, summary } from './experiment.js';

const held = { verdict: 'held', message: '' };
const experiment = new Experiment();

describe('messages', () => {
  it('a port is transferred to a worker and works there, both ways', async () => {
    const result = await experiment.run({
      before: `import { parentPort, type MessagePort } from 'node:worker_threads';`,
      fields: `
        writers: {
          count: 1,
          async run() {
            const port = await new Promise<MessagePort>((resolve) => parentPort!.once('message', ({ port }) => resolve(port)));
            port.postMessage('hello');
            const answer = await new Promise((resolve) => port.once('message', resolve));
            check(answer === 'hello yourself', 'answered ' + String(answer));
            port.close();
          },
        },
        readers: {
          count: 1,
          async run({ workers }) {
            const { port1, port2 } = new MessageChannel();
            port2.postMessage; // the port is still here
            workers[0]!.postMessage({ port: port2 }, [port2]);
            const first = await new Promise((resolve) => { port1.onmessage = ({ data }) => resolve(data); });
            check(first === 'hello', 'got ' + String(first));
            port1.postMessage('hello yourself');
          },
        },`,
    });
    expect(summary(result)).toEqual(held);
  });

  it('what was sent to a port before it was transferred arrives where it went', async () => {
    const result = await experiment.run({
      before: `import { parentPort, type MessagePort } from 'node:worker_threads';`,
      fields: `
        writers: {
          count: 1,
          async run() {
            const port = await new Promise<MessagePort>((resolve) => parentPort!.once('message', resolve));
            const heard: unknown[] = [];
            await new Promise<void>((resolve) => port.on('message', (value: unknown) => { heard.push(value); if (heard.length === 2) resolve(); }));
            check(heard.join() === 'one,two', 'heard ' + heard.join());
          },
        },
        readers: {
          count: 1,
          async run({ workers, pause }) {
            const { port1, port2 } = new MessageChannel();
            port2.on('message', () => { throw new Error('heard by a port that has gone'); });
            port1.postMessage('one');
            workers[0]!.postMessage(port2, [port2 as never]);
            await pause();
            port1.postMessage('two');
          },
        },`,
    });
    // Node may deliver 'one' here only if its loop turns before the transfer, which it does not.
    expect(summary(result)).toEqual(held);
  });

  it('a port that travels on and on keeps its messages in order', async () => {
    const result = await experiment.run(
      {
        before: `import { parentPort, type MessagePort } from 'node:worker_threads';`,
        fields: `
        writers: {
          count: 2,
          async run({ index }) {
            const port = await new Promise<MessagePort>((resolve) => parentPort!.once('message', resolve));
            if (index === 0) { parentPort!.postMessage(port, [port]); return; }
            const heard: unknown[] = [];
            await new Promise<void>((resolve) => port.on('message', (value: unknown) => { heard.push(value); if (heard.length === 3) resolve(); }));
            check(heard.join() === '1,2,3', 'heard ' + heard.join());
            await new Promise<void>((resolve) => port.on('close', () => resolve()));
          },
        },
        readers: {
          count: 1,
          async run({ workers, pause }) {
            const returned = new Promise<MessagePort>((resolve) => workers[0]!.once('message', resolve as never));
            const { port1, port2 } = new MessageChannel();
            port1.postMessage(1);
            workers[0]!.postMessage(port2, [port2 as never]);
            await pause();
            port1.postMessage(2);
            const port = await returned;
            workers[1]!.postMessage(port, [port as never]);
            await pause();
            port1.postMessage(3);
            port1.close();
          },
        },`,
      },
      { runs: 300 },
    );
    expect(summary(result)).toEqual(held);
  });

  it('shared memory sent in a message is one memory: both sides wait on it and notify', async () => {
    const result = await experiment.run({
      before: `import { parentPort } from 'node:worker_threads';`,
      fields: `
        writers: {
          count: 1,
          async run() {
            const shared = await new Promise<Int32Array>((resolve) => parentPort!.once('message', ({ deep }) => resolve(new Int32Array(deep[0].buffer))));
            Atomics.store(shared, 0, 1);
            Atomics.notify(shared, 0);
            check(Atomics.wait(shared, 1, 0) !== 'timed-out', 'timed out');
            check(Atomics.load(shared, 1) === 5, 'another memory');
          },
        },
        readers: {
          count: 1,
          async run({ workers }) {
            const shared = new Int32Array(new SharedArrayBuffer(8));
            workers[0]!.postMessage({ deep: [shared] });
            const waiting = Atomics.waitAsync(shared, 0, 0);
            if (waiting.async) await waiting.value;
            check(shared[0] === 1, 'another memory');
            Atomics.store(shared, 1, 5);
            Atomics.notify(shared, 1);
          },
        },`,
    });
    expect(summary(result)).toEqual(held);
  });

  it('a broadcast reaches everybody else on the channel, and only on that channel', async () => {
    const result = await experiment.run({
      fields: `
        writers: {
          count: 2,
          async run({ store }) {
            const channel = new BroadcastChannel('news');
            const heard = new Promise((resolve) => { channel.onmessage = (event) => resolve((event as MessageEvent).data); });
            Atomics.add(store, 0, 1);
            Atomics.notify(store, 0);
            check((await heard) === 'extra', 'heard ' + String(await heard));
            channel.close();
          },
        },
        readers: {
          count: 1,
          async run({ store }) {
            for (;;) {
              const listening = Atomics.load(store, 0);
              if (listening === 2) break;
              const waiting = Atomics.waitAsync(store, 0, listening);
              if (waiting.async) await waiting.value;
            }
            const other = new BroadcastChannel('olds');
            const news = new BroadcastChannel('news');
            news.onmessage = () => { throw new Error('heard itself'); };
            other.postMessage('wrong channel');
            news.postMessage('extra');
          },
        },`,
    });
    expect(summary(result)).toEqual(held);
  });
});
