import type { Theme } from '../worker-case.js';

const inWorker = (body: string): string => `
  import process from 'node:process';
  import * as threads from 'node:worker_threads';
  const { isMainThread, parentPort, threadId, workerData } = threads;
  void process; void isMainThread; void threadId; void workerData;
  const say = (...values) => parentPort.postMessage(values);
  void say;
  ${body}`;

/** What a worker finds in its own thread, and what keeps it alive. */
export const inside: Theme = {
  name: 'inside',
  cases: [
    {
      title: 'the main thread is no worker',
      main: `
        log([threads.isMainThread, threads.parentPort, threads.threadId, threads.workerData]);
        log(Object.keys(threads.resourceLimits));`,
      logs: [[true, null, 0, null], []],
    },
    {
      title: 'a worker is no main thread',
      main: `log(await messagesOf(start({ workerData: 1 })));`,
      worker: inWorker(`say(isMainThread, parentPort instanceof threads.MessagePort, threadId > 0, workerData);`),
      logs: [[[false, true, true, 1]]],
    },
    {
      title: 'threads are numbered in the order in which they are created',
      main: `
        const workers = [start(), start(), start()];
        log(workers.map(({ threadId }) => threadId));
        log((await Promise.all(workers.map(messagesOf))).flat(2));
        const next = start();
        log(next.threadId);
        await ended(next);`,
      worker: inWorker(`say(threadId);`),
      logs: [[1, 2, 3], [1, 2, 3], 4],
    },
    {
      title: 'a worker with a listener at parentPort stays until the port is closed',
      main: `
        const worker = start();
        worker.postMessage('one');
        worker.postMessage('close');
        worker.postMessage('dropped');
        await watch(worker, log);`,
      worker: inWorker(`
        parentPort.on('message', (value) => {
          say('got', value);
          if (value === 'close') parentPort.close();
        });
        parentPort.on('close', () => say('not heard: the port is closed'));`),
      logs: ['online', ['message', ['got', 'one']], ['message', ['got', 'close']], ['exit', 0]],
    },
    {
      title: 'once and off let a worker go when the last listener is gone',
      main: `
        for (const kind of ['once', 'off', 'removeListener']) {
          const worker = start({ workerData: kind });
          worker.postMessage('only');
          log(await messagesOf(worker));
        }`,
      worker: inWorker(`
        const listener = (value) => {
          say(workerData, value);
          if (workerData !== 'once') parentPort[workerData]('message', listener);
        };
        if (workerData === 'once') parentPort.once('message', listener);
        else parentPort.on('message', listener);`),
      logs: [[['once', 'only']], [['off', 'only']], [['removeListener', 'only']]],
    },
    {
      title: 'unref lets a worker go although it listens, and ref keeps it',
      main: `
        log(await ended(start({ workerData: 'unref' })));
        const worker = start({ workerData: 'ref' });
        await message(worker);
        worker.postMessage('go on');
        log(await ended(worker));`,
      worker: inWorker(`
        parentPort.on('message', () => process.exit(5));
        parentPort.unref();
        if (workerData === 'ref') { parentPort.ref(); say('up'); }`),
      logs: [0, 5],
    },
    {
      title: 'onmessage hears events with data, and stops when it is unset',
      main: `
        const worker = start();
        worker.postMessage(1);
        worker.postMessage(2);
        await watch(worker, log);`,
      worker: inWorker(`
        parentPort.onmessage = (event) => {
          say(event.data, event.type, event.target === parentPort, event.ports.length, event instanceof Event);
          if (event.data === 2) parentPort.onmessage = null;
        };`),
      logs: [
        'online',
        ['message', [1, 'message', true, 0, true]],
        ['message', [2, 'message', true, 0, true]],
        ['exit', 0],
      ],
    },
    {
      title: 'addEventListener with once, and an object that handles events',
      main: `
        const worker = start();
        worker.postMessage('a');
        worker.postMessage('b');
        worker.postMessage('stop');
        log(await messagesOf(worker));`,
      worker: inWorker(`
        parentPort.addEventListener('message', ({ data }) => say('once', data), { once: true });
        const handler = { handleEvent({ data }) { say('object', data); if (data === 'stop') parentPort.removeEventListener('message', handler); } };
        parentPort.addEventListener('message', handler);`),
      logs: [
        [
          ['once', 'a'],
          ['object', 'a'],
          ['object', 'b'],
          ['object', 'stop'],
        ],
      ],
    },
    {
      title: 'several listeners hear each message in the order in which they came',
      main: `
        const worker = start();
        worker.postMessage('x');
        worker.postMessage('stop');
        log(await messagesOf(worker));`,
      worker: inWorker(`
        parentPort.on('message', (value) => say('first', value));
        parentPort.once('message', (value) => say('once', value));
        parentPort.on('message', (value) => { say('last', value); if (value === 'stop') parentPort.close(); });`),
      logs: [
        [
          ['first', 'x'],
          ['once', 'x'],
          ['last', 'x'],
          ['first', 'stop'],
          ['last', 'stop'],
        ],
      ],
    },
    {
      title: 'parentPort.close lets the worker finish what it does, and drops what it posts later',
      main: `await watch(start(), log);`,
      worker: inWorker(`
        say('before');
        parentPort.close();
        say('after');
        await new Promise((resolve) => setTimeout(resolve, 5));
        process.exitCode = 4;`),
      logs: ['online', ['message', ['before']], ['exit', 4]],
    },
    {
      title: 'receiveMessageOnPort takes messages from parentPort without a listener',
      main: `
        const shared = new Int32Array(new SharedArrayBuffer(4));
        const worker = start({ workerData: shared });
        worker.postMessage('first');
        worker.postMessage({ second: true });
        Atomics.store(shared, 0, 1);
        Atomics.notify(shared, 0);
        log(await messagesOf(worker));`,
      worker: inWorker(`
        Atomics.wait(workerData, 0, 0);
        const { receiveMessageOnPort } = threads;
        say(receiveMessageOnPort(parentPort), receiveMessageOnPort(parentPort), receiveMessageOnPort(parentPort) === undefined);`),
      logs: [[[{ message: 'first' }, { message: { second: true } }, true]]],
    },
    {
      title: 'timers keep a worker, unreferenced ones do not',
      main: `
        log(await messagesOf(start({ workerData: 'timeout' })));
        log(await messagesOf(start({ workerData: 'unref' })));
        log(await messagesOf(start({ workerData: 'interval' })));
        log(await messagesOf(start({ workerData: 'immediate' })));`,
      worker: inWorker(`
        if (workerData === 'timeout') setTimeout(() => say('fired'), 10);
        if (workerData === 'unref') { setTimeout(() => say('never'), 1_000_000).unref(); setInterval(() => say('never'), 1_000_000).unref(); }
        if (workerData === 'interval') { let times = 0; const id = setInterval(() => { say(++times); if (times === 3) clearInterval(id); }, 1); }
        if (workerData === 'immediate') setImmediate(() => setImmediate(() => say('second')));`),
      logs: [[['fired']], [], [[1], [2], [3]], [['second']]],
    },
    {
      title: 'a promise alone does not keep a worker',
      main: `log(await ended(new Worker(here('./worker.cjs'))));`,
      files: { 'worker.cjs': `void (async () => { await new Promise(() => {}); process.exitCode = 1; })();` },
      logs: [0],
    },
    {
      title: 'a worker that only waits for another worker stays until that exits',
      main: `log(await messagesOf(start()));`,
      worker: inWorker(`
        const text = "setTimeout(() => process.exit(6), 10)";
        new threads.Worker(text, { eval: true }).on('exit', (code) => say('child', code));`),
      logs: [[['child', 6]]],
    },
    {
      title: 'a port that listens keeps a worker until either end is closed',
      main: `
        const { port1, port2 } = new MessageChannel();
        const worker = start({ workerData: port2, transferList: [port2] });
        port1.postMessage('hello');
        log(await message(port1));
        port1.close();
        log(await messagesOf(worker));`,
      worker: inWorker(`
        workerData.on('message', (value) => workerData.postMessage(value + ' back'));
        workerData.on('close', () => say('closed'));`),
      logs: ['hello back', [['closed']]],
    },
    {
      title: 'process.exit in the first line',
      main: `await watch(start(), log);`,
      worker: `process.exit(0); throw new Error('not reached');`,
      logs: ['online', ['exit', 0]],
    },
    {
      title: 'setEnvironmentData is seen by workers that are created later',
      main: `
        const { getEnvironmentData, setEnvironmentData } = threads;
        setEnvironmentData('name', { deep: [1] });
        setEnvironmentData(7, 'number');
        setEnvironmentData('gone', 1);
        setEnvironmentData('gone', undefined);
        const worker = start();
        setEnvironmentData('name', 'changed');
        log(await messagesOf(worker));
        log([getEnvironmentData('name'), getEnvironmentData('of the worker') ?? null, getEnvironmentData('gone') ?? null]);`,
      worker: inWorker(`
        const { getEnvironmentData, setEnvironmentData } = threads;
        say(getEnvironmentData('name'), getEnvironmentData(7), getEnvironmentData('gone') ?? null);
        setEnvironmentData('of the worker', 1);
        const child = new threads.Worker(
          "const { getEnvironmentData, parentPort } = require('node:worker_threads'); parentPort.postMessage([getEnvironmentData('name').deep[0], getEnvironmentData('of the worker')]);",
          { eval: true },
        );
        child.on('message', (value) => say('child', value));`),
      logs: [
        [
          [{ deep: [1] }, 'number', null],
          ['child', [1, 1]],
        ],
        ['changed', null, null],
      ],
    },
    {
      title: 'markAsUntransferable keeps a buffer and a port here',
      main: `
        const { markAsUntransferable } = threads;
        const buffer = new ArrayBuffer(4);
        markAsUntransferable(buffer);
        const worker = start();
        try { worker.postMessage(buffer, [buffer]); } catch (error) { if (error.name !== 'DataCloneError') log(error.name); }
        log(buffer.byteLength);
        const { port1 } = new MessageChannel();
        markAsUntransferable(port1);
        log(['TypeError', 'DataCloneError'].includes(refusal(() => worker.postMessage(port1, [port1]))[0]));
        worker.postMessage('stop');
        await ended(worker);
        port1.close();`,
      worker: inWorker(`parentPort.on('message', (value) => { if (value === 'stop') parentPort.close(); });`),
      logs: [4, true],
    },
    {
      title: 'isMarkedAsUntransferable tells what was marked',
      since: ['21.0'],
      main: `log(await messagesOf(start()));`,
      worker: inWorker(`
        const { isMarkedAsUntransferable, markAsUntransferable } = threads;
        const marked = new ArrayBuffer(1);
        markAsUntransferable(marked);
        say(isMarkedAsUntransferable(marked), isMarkedAsUntransferable(new ArrayBuffer(1)));`),
      logs: [[[true, false]]],
    },
    {
      title: 'markAsUncloneable makes an object that cannot be posted',
      since: ['22.10', '23.0'],
      main: `log(await messagesOf(start()));`,
      worker: inWorker(`
        const secret = { code: 1 };
        threads.markAsUncloneable(secret);
        try { parentPort.postMessage(secret); } catch (error) { say(error.name); }`),
      logs: [[['DataCloneError']]],
    },
    {
      title: 'BroadcastChannel between the main thread and two workers',
      main: `
        const channel = new BroadcastChannel('news');
        const workers = [0, 1].map((index) => start({ workerData: index }));
        await Promise.all(workers.map(message));
        const heard = workers.map(messagesOf);
        channel.postMessage({ headline: 'hello' });
        log((await Promise.all(heard)).flat());
        channel.close();`,
      worker: inWorker(`
        const channel = new threads.BroadcastChannel('news');
        const other = new threads.BroadcastChannel('olds');
        other.onmessage = () => say('wrong');
        channel.onmessage = ({ data }) => {
          say(workerData, data.headline, channel.name);
          channel.close();
          other.close();
        };
        say('up');`),
      logs: [
        [
          [0, 'hello', 'news'],
          [1, 'hello', 'news'],
        ],
      ],
    },
    {
      title: 'BroadcastChannel from worker to worker',
      main: `
        const speaker = start({ workerData: 'speaker' });
        const listener = start({ workerData: 'listener' });
        await message(listener);
        const heard = messagesOf(listener);
        speaker.postMessage('speak');
        log(await heard);
        log(await ended(speaker));`,
      worker: inWorker(`
        const channel = new threads.BroadcastChannel('talk');
        if (workerData === 'listener') {
          channel.onmessage = ({ data }) => { say(data); if (data === 3) channel.close(); };
          say('up');
        } else {
          parentPort.once('message', () => {
            for (const value of [1, 2, 3]) channel.postMessage(value);
            channel.close();
          });
        }`),
      logs: [[[1], [2], [3]], 0],
    },
    {
      title: 'what a worker may not do to its process',
      main: `for (const entry of await messagesOf(start())) log(entry);`,
      worker: inWorker(`
        const code = (call) => { try { call(); return 'nothing thrown'; } catch (error) { return error.code; } };
        say('chdir', code(() => process.chdir('.')));
        say('umask', code(() => process.umask(0o22)), typeof process.umask());
        say('abort', code(() => process.abort()));
        for (const name of ['setuid', 'setgid', 'seteuid', 'setegid', 'setgroups', 'initgroups']) {
          if (process.platform !== 'win32') say(name, code(() => process[name](0, 0)));
        }`),
      logs: [
        ['chdir', 'ERR_WORKER_UNSUPPORTED_OPERATION'],
        ['umask', 'ERR_WORKER_UNSUPPORTED_OPERATION', 'number'],
        ['abort', 'ERR_WORKER_UNSUPPORTED_OPERATION'],
        ['setuid', 'ERR_WORKER_UNSUPPORTED_OPERATION'],
        ['setgid', 'ERR_WORKER_UNSUPPORTED_OPERATION'],
        ['seteuid', 'ERR_WORKER_UNSUPPORTED_OPERATION'],
        ['setegid', 'ERR_WORKER_UNSUPPORTED_OPERATION'],
        ['setgroups', 'ERR_WORKER_UNSUPPORTED_OPERATION'],
        ['initgroups', 'ERR_WORKER_UNSUPPORTED_OPERATION'],
      ],
    },
    {
      title: 'a worker sees the process that it is in',
      main: `
        const [facts] = await messagesOf(start());
        const { cwd, pid, ppid, platform, version, execPath, title } = facts;
        log([cwd === process.cwd(), pid === process.pid, ppid === process.ppid, platform === process.platform, version === process.version]);
        log([execPath === process.execPath, title === process.title]);`,
      worker: inWorker(`
        const { pid, ppid, platform, version, execPath, title } = process;
        parentPort.postMessage({ cwd: process.cwd(), pid, ppid, platform, version, execPath, title });`),
      logs: [
        [true, true, true, true, true],
        [true, true],
      ],
    },
    {
      title: 'a worker cannot set the title of the process',
      main: `
        const before = process.title;
        await ended(start());
        log(process.title === before);`,
      worker: inWorker(`process.title = 'of the worker';`),
      logs: [true],
    },
    {
      title: 'globals, built-ins and modules of a worker are its own',
      main: `
        globalThis.mark = 'main';
        Array.prototype.added = 1;
        log(await messagesOf(start()));
        log([globalThis.mark, typeof Object.prototype.fromWorker, [].added]);
        delete globalThis.mark;
        delete Array.prototype.added;`,
      worker: inWorker(`
        say(typeof globalThis.mark, typeof [].added);
        globalThis.mark = 'worker';
        Object.prototype.fromWorker = 1;
        say(globalThis.mark);`),
      logs: [
        [['undefined', 'undefined'], ['worker']],
        ['main', 'undefined', 1],
      ],
    },
    {
      title: 'workers have the usual globals',
      main: `log(await messagesOf(start()));`,
      worker: inWorker(`
        say(typeof require, ['setTimeout', 'queueMicrotask', 'structuredClone', 'MessageChannel', 'BroadcastChannel', 'URL', 'AbortController', 'performance', 'TextEncoder', 'Buffer', 'process', 'console']
          .filter((name) => !(name in globalThis)), typeof window, globalThis === global);`),
      logs: [[['undefined', [], 'undefined', true]]],
    },
    {
      title: 'moveMessagePortToContext checks what it is given',
      main: `log(await messagesOf(start()));`,
      worker: inWorker(`
        const code = (call) => { try { call(); return 'nothing thrown'; } catch (error) { return error.code; } };
        say(code(() => threads.moveMessagePortToContext({}, {})), code(() => threads.moveMessagePortToContext(null)));`),
      logs: [[['ERR_INVALID_ARG_TYPE', 'ERR_INVALID_ARG_TYPE']]],
    },
    {
      title: 'node:worker_threads exports this',
      main: `
        const names = ['BroadcastChannel', 'MessageChannel', 'MessagePort', 'SHARE_ENV', 'Worker', 'getEnvironmentData', 'isMainThread', 'markAsUntransferable',
          'moveMessagePortToContext', 'parentPort', 'receiveMessageOnPort', 'resourceLimits', 'setEnvironmentData', 'threadId', 'workerData'];
        log(names.filter((name) => !(name in threads)));
        log(names.filter((name) => !(name in threads.default)));
        log(typeof SHARE_ENV === 'symbol' && SHARE_ENV === Symbol.for('nodejs.worker_threads.SHARE_ENV'));
        log(await messagesOf(start({ workerData: names })));`,
      worker: inWorker(`say(workerData.filter((name) => !(name in threads)));`),
      logs: [[], [], true, [[[]]]],
    },
    {
      title: 'the worker has its own clock and its own performance timeline',
      main: `log(await messagesOf(start()));`,
      worker: inWorker(`
        const before = performance.now();
        await new Promise((resolve) => setTimeout(resolve, 20));
        const after = performance.now();
        say(before >= 0, after - before >= 19, performance.timeOrigin > 0, performance.eventLoopUtilization().utilization <= 1);`),
      logs: [[[true, true, true, true]]],
    },
    {
      title: 'a worker of the program is no internal thread',
      since: ['22.14', '23.7'],
      main: `log([threads.isInternalThread, await messagesOf(start())]);`,
      worker: inWorker(`parentPort.postMessage(threads.isInternalThread);`),
      logs: [[false, [false]]],
    },
    {
      title: 'promises, ticks, immediates and messages take turns as in any thread',
      main: `
        const worker = start();
        worker.postMessage('go');
        log(await messagesOf(worker));`,
      worker: inWorker(`
        const order = [];
        parentPort.once('message', () => {
          setImmediate(() => order.push('immediate'));
          setTimeout(() => { order.push('timer'); say(...order); }, 5);
          Promise.resolve().then(() => order.push('promise'));
          process.nextTick(() => order.push('tick'));
          queueMicrotask(() => order.push('microtask'));
          order.push('message');
        });`),
      logs: [[['message', 'tick', 'promise', 'microtask', 'immediate', 'timer']]],
    },
  ],
};
