import type { Theme } from '../worker-case.js';

/** Several threads at once. */
export const together: Theme = {
  name: 'together',
  cases: [
    {
      title: 'a worker of a worker',
      main: `log(await messagesOf(start({ workerData: 3 })));`,
      worker: `
        import { isMainThread, parentPort, threadId, Worker, workerData } from 'node:worker_threads';
        parentPort.postMessage([workerData, isMainThread, threadId > 0]);
        if (workerData > 1) {
          const child = new Worker(new URL(import.meta.url), { workerData: workerData - 1 });
          child.on('message', (value) => parentPort.postMessage(value));
          child.on('exit', (code) => parentPort.postMessage(['exit', workerData - 1, code]));
        }`,
      logs: [
        [
          [3, false, true],
          [2, false, true],
          [1, false, true],
          ['exit', 1, 0],
          ['exit', 2, 0],
        ],
      ],
    },
    {
      title: 'an error of a worker of a worker is an event there, and can be passed on',
      main: `await watch(start(), log);`,
      worker: `
        import { parentPort, Worker } from 'node:worker_threads';
        const child = new Worker("throw new TypeError('of the child')", { eval: true });
        child.on('error', (error) => parentPort.postMessage(error.message));
        child.on('exit', (code) => { parentPort.postMessage(code); process.exitCode = 3; });`,
      logs: ['online', ['message', 'of the child'], ['message', 1], ['exit', 3]],
    },
    {
      title: 'an error that nobody listens to in a worker is the error of that worker',
      main: `await watch(start(), log);`,
      worker: `
        import { Worker } from 'node:worker_threads';
        new Worker("throw new TypeError('of the child')", { eval: true });`,
      logs: ['online', ['error', { name: 'TypeError', message: 'of the child' }], ['exit', 1]],
    },
    {
      title: 'process.exit of a worker ends its own workers',
      main: `
        const shared = new Int32Array(new SharedArrayBuffer(4));
        const worker = start({ workerData: shared });
        log(await ended(worker));
        const before = Atomics.load(shared, 0);
        await sleep(5);
        log([before > 0, Atomics.load(shared, 0) === before]);`,
      worker: `
        import { Worker, workerData } from 'node:worker_threads';
        const child = new Worker("const { parentPort, workerData } = require('node:worker_threads'); Atomics.add(workerData, 0, 1); parentPort.postMessage(1); for (;;) Atomics.add(workerData, 0, 1);", { eval: true, workerData });
        child.on('message', () => process.exit(2));`,
      logs: [2, [true, true]],
    },
    {
      title: 'two workers talk over a channel that the main thread gave them',
      main: `
        const { port1, port2 } = new MessageChannel();
        const first = start({ workerData: { name: 'first', port: port1 }, transferList: [port1] });
        const second = start({ workerData: { name: 'second', port: port2 }, transferList: [port2] });
        const [a, b] = await Promise.all([messagesOf(first), messagesOf(second)]);
        log(a);
        log(b);`,
      worker: `
        import { parentPort, workerData } from 'node:worker_threads';
        const { name, port } = workerData;
        const heard = [];
        port.on('message', (value) => {
          heard.push(value);
          if (value < 6) port.postMessage(value + 1);
          else port.close();
        });
        port.on('close', () => parentPort.postMessage(heard));
        if (name === 'first') port.postMessage(1);`,
      logs: [[[2, 4, 6]], [[1, 3, 5]]],
    },
    {
      title: 'a channel made by one worker, passed on by the main thread to another',
      main: `
        const maker = start({ workerData: 'maker' });
        const user = start({ workerData: 'user' });
        const port = await message(maker);
        user.postMessage(port, [port]);
        log(await messagesOf(user));
        log(await ended(maker));`,
      worker: `
        import { MessageChannel, parentPort, workerData } from 'node:worker_threads';
        if (workerData === 'maker') {
          const { port1, port2 } = new MessageChannel();
          port1.postMessage('sent before the port travelled');
          parentPort.postMessage(port2, [port2]);
          port1.on('message', (value) => { port1.postMessage('answer to ' + value); });
        } else {
          parentPort.once('message', (port) => {
            port.postMessage('question');
            port.on('message', (value) => {
              parentPort.postMessage(value);
              if (value.startsWith('answer')) port.close();
            });
          });
        }`,
      logs: [['sent before the port travelled', 'answer to question'], 0],
    },
    {
      title: 'a port is closed when the worker with its other end exits or is terminated',
      main: `
        for (const kind of ['exit', 'terminate', 'error', 'close']) {
          const { port1, port2 } = new MessageChannel();
          const closed = new Promise((resolve) => port1.on('close', resolve));
          const heard = [];
          port1.on('message', (value) => heard.push(value));
          const worker = start({ workerData: { kind, port: port2 }, transferList: [port2] });
          worker.on('error', () => undefined);
          if (kind === 'terminate') { await message(worker); await worker.terminate(); }
          await closed;
          await ended(worker);
          log([kind, heard]);
        }`,
      worker: `
        import { parentPort, workerData } from 'node:worker_threads';
        const { kind, port } = workerData;
        port.postMessage('last words');
        if (kind === 'exit') process.exit(0);
        if (kind === 'error') throw new Error('over');
        if (kind === 'close') port.close();
        if (kind === 'terminate') { setInterval(() => {}, 1000); parentPort.postMessage('up'); }`,
      logs: [
        ['exit', ['last words']],
        ['terminate', ['last words']],
        ['error', ['last words']],
        ['close', ['last words']],
      ],
    },
    {
      title: 'ten workers at once',
      main: `
        const workers = Array.from({ length: 10 }, (_, index) => start({ workerData: index }));
        const answers = await Promise.all(workers.map(messagesOf));
        log(answers.flat());
        log(new Set(workers.map(({ threadId }) => threadId)).size);`,
      worker: `
        import { parentPort, workerData } from 'node:worker_threads';
        parentPort.postMessage(workerData ** 2);`,
      logs: [[0, 1, 4, 9, 16, 25, 36, 49, 64, 81], 1],
    },
    {
      title: 'twenty workers one after another',
      main: `
        let sum = 0;
        for (let i = 0; i < 20; i++) {
          const [answer] = await messagesOf(start({ workerData: i }));
          sum += answer;
        }
        log(sum);`,
      worker: `
        import { parentPort, workerData } from 'node:worker_threads';
        parentPort.postMessage(workerData * 2);`,
      logs: [380],
    },
    {
      title: 'a lock in shared memory keeps four workers apart',
      main: `
        const shared = new Int32Array(new SharedArrayBuffer(8));
        const workers = Array.from({ length: 4 }, () => start({ workerData: shared }));
        log(await Promise.all(workers.map(ended)));
        log([...shared]);`,
      worker: `
        import { workerData } from 'node:worker_threads';
        for (let i = 0; i < 3; i++) {
          while (Atomics.compareExchange(workerData, 0, 0, 1) !== 0) Atomics.wait(workerData, 0, 1);
          workerData[1] = workerData[1] + 1;
          Atomics.store(workerData, 0, 0);
          Atomics.notify(workerData, 0, 1);
        }`,
      logs: [
        [0, 0, 0, 0],
        [0, 12],
      ],
    },
    {
      title: 'Atomics.waitAsync of the main thread is woken by a worker',
      main: `
        const shared = new Int32Array(new SharedArrayBuffer(8));
        const waiting = Atomics.waitAsync(shared, 0, 0);
        const worker = start({ workerData: shared });
        log([waiting.async, await waiting.value]);
        log([await ended(worker), shared[1]]);`,
      worker: `
        import { workerData } from 'node:worker_threads';
        workerData[1] = 5;
        Atomics.store(workerData, 0, 1);
        Atomics.notify(workerData, 0);`,
      logs: [
        [true, 'ok'],
        [0, 5],
      ],
    },
    {
      title: 'Atomics.wait in the main thread, woken by a worker that was just created',
      main: `
        const shared = new Int32Array(new SharedArrayBuffer(4));
        const worker = start({ workerData: shared });
        log(['ok', 'not-equal'].includes(Atomics.wait(shared, 0, 0)));
        log(await ended(worker));`,
      worker: `
        import { workerData } from 'node:worker_threads';
        Atomics.store(workerData, 0, 1);
        Atomics.notify(workerData, 0);`,
      logs: [true, 0],
    },
    {
      title: 'a synchronous call to a worker: Atomics.wait and receiveMessageOnPort',
      main: `
        const shared = new Int32Array(new SharedArrayBuffer(4));
        const { port1, port2 } = new MessageChannel();
        const worker = start({ workerData: { shared, port: port2 }, transferList: [port2] });
        const call = (value) => {
          Atomics.store(shared, 0, 0);
          port1.postMessage(value);
          Atomics.wait(shared, 0, 0);
          return threads.receiveMessageOnPort(port1).message;
        };
        log([call(2), call(3), call(4)]);
        port1.close();
        log(await ended(worker));`,
      worker: `
        import { workerData } from 'node:worker_threads';
        const { shared, port } = workerData;
        port.on('message', (value) => {
          port.postMessage(value ** 2);
          Atomics.store(shared, 0, 1);
          Atomics.notify(shared, 0);
        });`,
      logs: [[4, 9, 16], 0],
    },
    {
      title: 'a pool: four workers take twelve tasks, each answered once',
      main: `
        const tasks = Array.from({ length: 12 }, (_, index) => index);
        const answers = new Map();
        const workers = Array.from({ length: 4 }, () => start());
        await Promise.all(workers.map((worker) => new Promise((resolve) => {
          const next = () => {
            if (tasks.length > 0) worker.postMessage(tasks.shift());
            else resolve(worker.terminate());
          };
          worker.on('message', ({ task, answer }) => { answers.set(task, answer); next(); });
          next();
        })));
        log([...answers].sort(([a], [b]) => a - b).map(([task, answer]) => answer - task));`,
      worker: `
        import { parentPort } from 'node:worker_threads';
        parentPort.on('message', (task) => parentPort.postMessage({ task, answer: task * 2 }));`,
      logs: [[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]],
    },
    {
      title: 'one of two workers is terminated, the other goes on',
      main: `
        const [first, second] = [start(), start()];
        first.postMessage('ping');
        second.postMessage('ping');
        await Promise.all([message(first), message(second)]);
        log(await first.terminate());
        second.postMessage('again');
        log(await message(second));
        second.postMessage('stop');
        log(await ended(second));`,
      worker: `
        import { parentPort } from 'node:worker_threads';
        parentPort.on('message', (value) => (value === 'stop' ? parentPort.close() : parentPort.postMessage(value)));`,
      logs: [1, 'again', 0],
    },
    {
      title: 'postMessageToThread reaches a thread by its number',
      since: ['20.19', '22.5'],
      main: `
        const worker = start();
        await message(worker);
        const heard = message(worker);
        await threads.postMessageToThread(worker.threadId, { text: 'direct' });
        log(await heard);
        try { await threads.postMessageToThread(999, 1); } catch (error) { log(error.code); }
        try { await threads.postMessageToThread(threads.threadId, 1); } catch (error) { log(error.code); }
        worker.postMessage('stop');
        log(await ended(worker));`,
      worker: `
        import process from 'node:process';
        import { parentPort } from 'node:worker_threads';
        process.on('workerMessage', (value, source) => parentPort.postMessage([value, source]));
        parentPort.once('message', () => {});
        parentPort.postMessage('up');`,
      controlled: { verdict: 'uncontrolled', message: /postMessageToThread/ },
      logs: [[{ text: 'direct' }, 0], 'ERR_WORKER_MESSAGING_FAILED', 'ERR_WORKER_MESSAGING_SAME_THREAD', 0],
    },
  ],
};
