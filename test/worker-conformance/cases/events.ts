import type { Theme } from '../worker-case.js';

const parentPort = `import { parentPort } from 'node:worker_threads';`;

/** Which events come, and in which order. */
export const events: Theme = {
  name: 'events',
  cases: [
    {
      title: 'online, then messages in order, then exit',
      main: `await watch(start(), log);`,
      worker: `${parentPort} parentPort.postMessage(1); parentPort.postMessage({ two: [2] });`,
      logs: ['online', ['message', 1], ['message', { two: [2] }], ['exit', 0]],
    },
    {
      title: 'a worker that does nothing exits with 0',
      main: `await watch(start(), log);`,
      worker: ``,
      logs: ['online', ['exit', 0]],
    },
    {
      title: 'no event comes before the code that creates the worker has finished',
      main: `
        const worker = start();
        for (const event of ['online', 'message', 'exit']) worker.on(event, () => log(event));
        log('created');
        await null;
        log('microtask');
        await new Promise(process.nextTick);
        log('tick');
        await ended(worker);`,
      // It stays until all of this has been heard.
      worker: `${parentPort} parentPort.postMessage('hello'); setTimeout(() => {}, 300);`,
      logs: ['created', 'microtask', 'tick', 'online', 'message', 'exit'],
    },
    {
      title: 'process.exit ends the worker there with its code',
      main: `await watch(start(), log);`,
      worker: `${parentPort} import process from 'node:process';
        parentPort.postMessage('before');
        process.exit(7);
        parentPort.postMessage('after');`,
      logs: ['online', ['message', 'before'], ['exit', 7]],
    },
    {
      title: 'process.exit in a nested function runs no finally block',
      main: `
        const shared = new Int32Array(new SharedArrayBuffer(4));
        await watch(start({ workerData: shared }), log);
        log(shared[0]);`,
      worker: `import { workerData } from 'node:worker_threads';
        const inner = () => { try { process.exit(2); } finally { workerData[0] += 10; } };
        const outer = () => { try { inner(); } catch { workerData[0] += 100; } };
        workerData[0] = 1;
        outer();
        workerData[0] += 1000;`,
      logs: ['online', ['exit', 2], 1],
    },
    {
      title: 'process.exit in a timer, a promise and a message listener',
      main: `
        for (const place of ['timer', 'promise', 'listener']) {
          const worker = start({ workerData: place });
          worker.postMessage('go');
          log([place, await ended(worker)]);
        }`,
      worker: `import { parentPort, workerData } from 'node:worker_threads';
        if (workerData === 'timer') setTimeout(() => process.exit(3), 1);
        if (workerData === 'promise') Promise.resolve().then(() => process.exit(4));
        if (workerData === 'listener') parentPort.on('message', () => process.exit(5));
        setInterval(() => {}, 1000);`,
      logs: [
        ['timer', 3],
        ['promise', 4],
        ['listener', 5],
      ],
    },
    {
      title: 'process.exitCode is the code of a natural exit and of process.exit() without one',
      main: `
        log(await ended(start({ workerData: 'natural' })));
        log(await ended(start({ workerData: 'exit' })));`,
      worker: `import { workerData } from 'node:worker_threads';
        process.exitCode = 4;
        if (workerData === 'exit') { process.exitCode = 6; process.exit(); }`,
      logs: [4, 6],
    },
    {
      title: 'process.exitCode of the worker is its own',
      main: `
        log(await ended(start()));
        log(process.exitCode === undefined);`,
      worker: `process.exitCode = 9;`,
      logs: [9, true],
    },
    {
      title: 'exit listeners of process hear the code, may post, and may change the code',
      main: `await watch(start(), log);`,
      worker: `${parentPort}
        process.on('exit', (code) => { parentPort.postMessage(['first', code]); process.exitCode = 8; });
        process.on('exit', (code) => parentPort.postMessage(['second', process.exitCode]));
        process.exit(3);`,
      logs: ['online', ['message', ['first', 3]], ['message', ['second', 8]], ['exit', 8]],
    },
    {
      title: 'exit listeners of process run at a natural exit, their promises too, and no timer after them',
      main: `await watch(start(), log);`,
      worker: `${parentPort}
        process.on('exit', (code) => {
          parentPort.postMessage(code);
          setTimeout(() => parentPort.postMessage('timer'), 0);
          Promise.resolve().then(() => parentPort.postMessage('promise'));
        });`,
      logs: ['online', ['message', 0], ['message', 'promise'], ['exit', 0]],
    },
    {
      title: 'process.exit in an exit listener sets the code',
      main: `await watch(start(), log);`,
      worker: `process.on('exit', () => process.exit(12));`,
      logs: ['online', ['exit', 12]],
    },
    {
      title: 'beforeExit comes when nothing is left, and again after more work',
      main: `await watch(start(), log);`,
      worker: `${parentPort}
        let times = 0;
        process.on('beforeExit', (code) => {
          parentPort.postMessage(['beforeExit', code, ++times]);
          if (times === 1) setTimeout(() => parentPort.postMessage('more work'), 1);
        });`,
      logs: [
        'online',
        ['message', ['beforeExit', 0, 1]],
        ['message', 'more work'],
        ['message', ['beforeExit', 0, 2]],
        ['exit', 0],
      ],
    },
    {
      title: 'process.exit skips beforeExit',
      main: `await watch(start(), log);`,
      worker: `${parentPort} process.on('beforeExit', () => parentPort.postMessage('beforeExit')); process.exit(0);`,
      logs: ['online', ['exit', 0]],
    },
    {
      title: 'messages posted right before process.exit arrive',
      main: `
        const messages = await messagesOf(start());
        log([messages.length, messages.every((value, index) => value === index)]);`,
      worker: `${parentPort} for (let i = 0; i < 100; i++) parentPort.postMessage(i); process.exit(0);`,
      logs: [[100, true]],
    },
    {
      title: 'messages posted right before an error arrive before exit, and so does the error',
      main: `
        const worker = start();
        const order = [];
        worker.on('message', (value) => order.push(value));
        worker.on('error', () => order.push('error'));
        worker.on('exit', () => order.push('exit'));
        await ended(worker);
        log(order.filter((entry) => typeof entry === 'number'));
        log([order.length, order.includes('error'), order.at(-1)]);`,
      worker: `${parentPort} parentPort.postMessage(1); parentPort.postMessage(2); throw new Error('done');`,
      logs: [
        [1, 2],
        [4, true, 'exit'],
      ],
    },
    {
      title: 'a message that cannot be made on the other side is a messageerror',
      main: `
        const worker = start();
        const exited = watch(worker, log);
        await exited;`,
      // Reading takes more stack than a main thread has, and writing less than this worker has.
      worker: `${parentPort}
        let deep = [];
        for (let depth = 0; depth < 12_000; depth++) deep = [deep];
        try { parentPort.postMessage(deep); parentPort.postMessage('next'); } catch (error) { parentPort.postMessage(error.name); }`,
      logs: ['online', 'messageerror', ['message', 'next'], ['exit', 0]],
    },
    {
      title: 'process emits worker when one is created',
      main: `
        const seen = [];
        process.once('worker', (worker) => seen.push(worker));
        const worker = start();
        log(seen.length);
        await new Promise(process.nextTick);
        log(seen[0] === worker);
        await ended(worker);`,
      worker: ``,
      logs: [0, true],
    },
    {
      title: 'a listener that is removed hears no more',
      main: `
        const worker = start();
        const first = (value) => { log(['first', value]); worker.off('message', first); };
        worker.on('message', first);
        worker.once('message', (value) => log(['once', value]));
        worker.on('message', (value) => log(['always', value]));
        await ended(worker);`,
      worker: `${parentPort} parentPort.postMessage(1); parentPort.postMessage(2);`,
      logs: [
        ['first', 1],
        ['once', 1],
        ['always', 1],
        ['always', 2],
      ],
    },
    {
      title: 'a message that an exit listener posts after an error comes before exit',
      main: `
        const worker = start();
        const order = [];
        worker.on('message', (value) => order.push(value));
        worker.on('error', () => undefined);
        worker.on('exit', () => order.push('exit'));
        await ended(worker);
        log(order);`,
      worker: `${parentPort} process.on('exit', (code) => parentPort.postMessage(code)); throw new Error('over');`,
      logs: [[1, 'exit']],
    },
    {
      title: 'what is posted by one thread to two others keeps its order in each',
      main: `
        const workers = [0, 1].map((index) => start({ workerData: index }));
        const all = workers.map(messagesOf);
        for (let i = 0; i < 20; i++) for (const worker of workers) worker.postMessage(i);
        for (const messages of await Promise.all(all)) log(messages.join());`,
      worker: `import { parentPort, workerData } from 'node:worker_threads';
        parentPort.on('message', (value) => {
          parentPort.postMessage(value * 10 + workerData);
          if (value === 19) parentPort.close();
        });`,
      logs: [
        Array.from({ length: 20 }, (_, i) => i * 10).join(),
        Array.from({ length: 20 }, (_, i) => i * 10 + 1).join(),
      ],
    },
    {
      title: 'process.exit takes a code as text',
      main: `await watch(start(), log);`,
      worker: `process.exit('4');`,
      logs: ['online', ['exit', 4]],
    },
    {
      title: 'an exit listener can change the code after an error',
      main: `await watch(start(), log, (error) => error.message);`,
      worker: `process.on('exit', () => { process.exitCode = 9; }); throw new Error('over');`,
      logs: ['online', ['error', 'over'], ['exit', 9]],
    },
  ],
};
