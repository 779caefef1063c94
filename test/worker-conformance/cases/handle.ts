import type { Theme } from '../worker-case.js';

const inWorker = (body: string): string => `
  import process from 'node:process';
  import { parentPort, threadId, workerData } from 'node:worker_threads';
  void process; void threadId; void workerData;
  ${body}`;

/** Posts each message back, until it is told to stop. */
const echo = inWorker(`
  parentPort.on('message', (value) => {
    if (value === 'stop') parentPort.close();
    else parentPort.postMessage(value);
  });`);

/** What the thread that made a worker can do with it. */
export const handle: Theme = {
  name: 'handle',
  cases: [
    {
      title: 'messages posted before the worker is online arrive in order',
      main: `
        const worker = start();
        for (let i = 0; i < 5; i++) worker.postMessage(i);
        worker.postMessage('stop');
        log(await messagesOf(worker));`,
      worker: echo,
      logs: [[0, 1, 2, 3, 4]],
    },
    {
      title: 'messages wait in the worker until it listens',
      main: `
        const worker = start();
        worker.postMessage('early');
        worker.postMessage('bird');
        log(await messagesOf(worker));`,
      worker: inWorker(`
        await new Promise((resolve) => setTimeout(resolve, 20));
        parentPort.on('message', (value) => {
          parentPort.postMessage(value);
          if (value === 'bird') parentPort.close();
        });`),
      logs: [['early', 'bird']],
    },
    {
      title: 'a message that comes before anybody has ever listened is lost',
      main: `
        let arrived;
        const firstArrived = new Promise((resolve) => (arrived = resolve));
        class Watched extends Worker {
          emit(name, ...values) {
            const heard = super.emit(name, ...values);
            if (name === 'message' && values[0] === 'first') arrived(heard);
            return heard;
          }
        }
        const worker = new Watched(here('./worker.mjs'));
        worker.postMessage('first');
        log(await firstArrived);
        worker.postMessage('second');
        worker.postMessage('stop');
        log(await messagesOf(worker));`,
      worker: echo,
      logs: [false, ['second']],
    },
    {
      title: 'messages wait when the last listener has been removed, until there is one again',
      main: `
        const worker = start();
        for (const value of ['a', 'b', 'c']) worker.postMessage(value);
        log(await message(worker));
        log(worker.listenerCount('message'));
        await sleep(20);
        log(await message(worker));
        await sleep(20);
        worker.postMessage('stop');
        log(await messagesOf(worker));`,
      worker: echo,
      logs: ['a', 0, 'b', ['c']],
    },
    {
      title: 'five hundred messages there and back keep their order',
      main: `
        const worker = start();
        const back = messagesOf(worker);
        for (let i = 0; i < 500; i++) worker.postMessage(i);
        worker.postMessage('stop');
        const messages = await back;
        log([messages.length, messages.every((value, index) => value === index)]);`,
      worker: echo,
      logs: [[500, true]],
    },
    {
      title: 'postMessage moves what its list says, and copies the rest',
      main: `
        const worker = start();
        const moved = new Uint8Array([1, 2]);
        const copied = new Uint8Array([3]);
        log(worker.postMessage({ moved, copied }, [moved.buffer]) ?? 'undefined');
        log([moved.length, copied.length]);
        const other = new Uint8Array([4]);
        worker.postMessage(other, { transfer: [other.buffer] });
        log(other.length);
        worker.postMessage('stop');
        const [first, second] = await messagesOf(worker);
        log([[...first.moved], [...first.copied], [...second]]);`,
      worker: echo,
      logs: ['undefined', [0, 1], 0, [[1, 2], [3], [4]]],
    },
    {
      title: 'postMessage refuses what cannot be copied, and nothing is sent',
      main: `
        const worker = start();
        log(refusal(() => worker.postMessage(() => 1)));
        log(refusal(() => worker.postMessage({ deep: Symbol('x') })));
        const buffer = new ArrayBuffer(8);
        log(refusal(() => worker.postMessage({ buffer, bad() {} }, [buffer])));
        log(buffer.byteLength);
        log(refusal(() => worker.postMessage()));
        worker.postMessage('stop');
        log(await messagesOf(worker));`,
      worker: echo,
      logs: [
        ['DataCloneError', 25],
        ['DataCloneError', 25],
        ['DataCloneError', 25],
        8,
        ['TypeError', 'ERR_MISSING_ARGS'],
        [],
      ],
    },
    {
      title: 'postMessage copies when it is called',
      main: `
        const worker = start();
        const value = { list: [1] };
        worker.postMessage(value);
        value.list.push(2);
        worker.postMessage(value);
        worker.postMessage('stop');
        log(await messagesOf(worker));`,
      worker: echo,
      logs: [[{ list: [1] }, { list: [1, 2] }]],
    },
    {
      title: 'what is posted to a worker that has exited is dropped',
      main: `
        const worker = start();
        await ended(worker);
        log(worker.postMessage('too late') ?? 'undefined');
        log(refusal(() => worker.postMessage(() => 1)));`,
      worker: ``,
      logs: ['undefined', 'nothing thrown'],
    },
    {
      title: 'ref and unref return nothing, also after exit',
      main: `
        const worker = start();
        log([worker.ref() ?? 'undefined', worker.unref() ?? 'undefined', worker.unref() ?? 'undefined', worker.ref() ?? 'undefined']);
        await ended(worker);
        log([worker.ref() ?? 'undefined', worker.unref() ?? 'undefined']);`,
      worker: ``,
      logs: [
        ['undefined', 'undefined', 'undefined', 'undefined'],
        ['undefined', 'undefined'],
      ],
    },
    {
      title: 'a worker that is unreferenced does not keep the program',
      main: `
        const worker = start();
        log(await message(worker));
        worker.unref();
        worker.on('exit', () => log('exit'));`,
      worker: inWorker(`parentPort.postMessage('up'); setInterval(() => {}, 1_000_000);`),
      logs: ['up'],
    },
    {
      title: 'an idle worker that is unreferenced does not keep the program',
      main: `
        const worker = start();
        worker.postMessage('ping');
        log(await message(worker));
        worker.unref();`,
      worker: echo,
      logs: ['ping'],
    },
    {
      title: 'a worker keeps the program until it exits',
      main: `
        const worker = start();
        worker.unref();
        worker.ref();
        worker.on('message', log);
        worker.on('exit', (code) => log(['exit', code]));`,
      worker: inWorker(`setTimeout(() => parentPort.postMessage('after a while'), 30);`),
      logs: ['after a while', ['exit', 0]],
    },
    {
      title: 'terminate resolves with 1, which is the exit code',
      main: `
        const worker = start();
        const codes = [];
        worker.on('exit', (code) => codes.push(code));
        await message(worker);
        log(await worker.terminate());
        log(codes);`,
      worker: inWorker(`parentPort.postMessage('up'); setInterval(() => {}, 1000);`),
      logs: [1, [1]],
    },
    {
      title: 'terminate of an idle worker',
      main: `
        const worker = start();
        worker.postMessage('ping');
        log(await message(worker));
        log(await worker.terminate());`,
      worker: echo,
      logs: ['ping', 1],
    },
    {
      title: 'terminate of a worker that loops over shared memory',
      main: `
        const shared = new Int32Array(new SharedArrayBuffer(8));
        const worker = start({ workerData: shared });
        await message(worker);
        log(await worker.terminate());
        const before = Atomics.load(shared, 0);
        await sleep(5);
        log(Atomics.load(shared, 0) === before);`,
      worker: inWorker(`
        parentPort.postMessage('up');
        for (;;) Atomics.add(workerData, 0, 1);`),
      logs: [1, true],
    },
    {
      title: 'terminate of a worker asleep in Atomics.wait',
      main: `
        const shared = new Int32Array(new SharedArrayBuffer(8));
        const worker = start({ workerData: shared });
        await message(worker);
        log(await worker.terminate());
        log(Atomics.notify(shared, 0));
        log(shared[1]);`,
      worker: inWorker(`
        parentPort.postMessage('up');
        Atomics.wait(workerData, 0, 0);
        Atomics.store(workerData, 1, 1);`),
      logs: [1, 0, 0],
    },
    {
      title: 'terminate of a worker that awaits',
      main: `
        const worker = start();
        await message(worker);
        log(await worker.terminate());`,
      worker: inWorker(`
        setInterval(() => {}, 1000);
        parentPort.postMessage('up');
        await new Promise(() => {});`),
      logs: [1],
    },
    {
      title: 'terminate right after the worker is created',
      main: `
        const worker = start();
        const events = [];
        worker.on('error', () => events.push('error'));
        worker.on('exit', () => events.push('exit'));
        const code = await worker.terminate();
        log([code === 0 || code === 1, events, worker.threadId]);`,
      worker: inWorker(`setInterval(() => {}, 1000);`),
      logs: [[true, ['exit'], -1]],
    },
    {
      title: 'terminate when online',
      main: `
        const worker = start();
        await once(worker, 'online');
        log(await worker.terminate());`,
      worker: inWorker(`setInterval(() => {}, 1000);`),
      logs: [1],
    },
    {
      title: 'terminate of a worker that has exited resolves with undefined',
      main: `
        const worker = start();
        log(await ended(worker));
        log((await worker.terminate()) ?? 'undefined');
        log((await worker.terminate()) ?? 'undefined');`,
      worker: inWorker(`process.exit(3);`),
      logs: [3, 'undefined', 'undefined'],
    },
    {
      title: 'terminate twice resolves twice',
      main: `
        const worker = start();
        await message(worker);
        const first = worker.terminate();
        const second = worker.terminate();
        log(first === second);
        log(await Promise.all([first, second]));`,
      worker: inWorker(`parentPort.postMessage('up'); setInterval(() => {}, 1000);`),
      logs: [false, [1, 1]],
    },
    {
      title: 'terminate in a message listener, and no message after its promise',
      main: `
        const worker = start();
        let heard = 0;
        let isOver = false;
        const over = new Promise((resolve) => {
          worker.once('message', () => resolve(worker.terminate()));
        });
        worker.on('message', () => { heard++; if (isOver) log('too late'); });
        log(await over);
        isOver = true;
        await sleep(5);
        log(heard >= 1);`,
      worker: inWorker(`for (;;) parentPort.postMessage('more');`),
      logs: [1, true],
    },
    {
      title: 'terminate in the exit listener',
      main: `
        const worker = start();
        await new Promise((resolve) => worker.on('exit', async () => {
          log([worker.threadId, (await worker.terminate()) ?? 'undefined']);
          resolve();
        }));`,
      worker: ``,
      logs: [[-1, 'undefined']],
    },
    {
      title: 'no finally block runs after terminate',
      main: `
        for (const kind of ['wait', 'loop']) {
          const shared = new Int32Array(new SharedArrayBuffer(16));
          const worker = start({ workerData: { kind, shared } });
          await message(worker);
          log([await worker.terminate(), shared[2], shared[3]]);
        }`,
      worker: inWorker(`
        const { kind, shared } = workerData;
        try {
          parentPort.postMessage('up');
          if (kind === 'wait') Atomics.wait(shared, 0, 0);
          for (;;) Atomics.add(shared, 1, 1);
        } catch {
          Atomics.store(shared, 2, 1);
        } finally {
          Atomics.store(shared, 3, 1);
        }`),
      logs: [
        [1, 0, 0],
        [1, 0, 0],
      ],
    },
    {
      title: 'no exit listener of process runs after terminate',
      main: `
        const shared = new Int32Array(new SharedArrayBuffer(4));
        const worker = start({ workerData: shared });
        await message(worker);
        log([await worker.terminate(), shared[0]]);`,
      worker: inWorker(`
        process.on('exit', () => Atomics.store(workerData, 0, 1));
        process.on('beforeExit', () => Atomics.store(workerData, 0, 2));
        parentPort.on('message', () => {});
        parentPort.postMessage('up');`),
      logs: [[1, 0]],
    },
    {
      title: 'a lock that a terminated worker held stays held',
      main: `
        const lock = new Int32Array(new SharedArrayBuffer(4));
        const first = start({ workerData: lock });
        log(await message(first));
        log(await first.terminate());
        log(Atomics.load(lock, 0));
        log(await messagesOf(start({ workerData: lock })));`,
      worker: inWorker(`
        const got = Atomics.compareExchange(workerData, 0, 0, 1) === 0;
        try {
          parentPort.postMessage(got ? 'locked' : 'busy');
          if (got) Atomics.wait(workerData, 0, 1);
        } finally {
          if (got) Atomics.store(workerData, 0, 0);
        }`),
      logs: ['locked', 1, 1, ['busy']],
    },
    {
      title: 'workers of a terminated worker end with it',
      main: `
        const shared = new Int32Array(new SharedArrayBuffer(8));
        const worker = start({ workerData: { shared, depth: 2 } });
        await message(worker);
        log(await worker.terminate());
        const before = Atomics.load(shared, 0);
        log(before > 0);
        await sleep(5);
        log(Atomics.load(shared, 0) === before);`,
      worker: inWorker(`
        import { Worker } from 'node:worker_threads';
        const { shared, depth } = workerData;
        if (depth > 0) {
          const child = new Worker(new URL(import.meta.url), { workerData: { shared, depth: depth - 1 } });
          child.on('message', (value) => parentPort.postMessage(value));
          child.on('exit', () => parentPort.postMessage('exit of a child'));
        } else {
          Atomics.add(shared, 0, 1);
          parentPort.postMessage('up');
          for (;;) Atomics.add(shared, 0, 1);
        }`),
      logs: [1, true, true],
    },
    {
      title: 'terminate beats an error and an exit that have not begun',
      main: `
        const shared = new Int32Array(new SharedArrayBuffer(4));
        const worker = start({ workerData: shared });
        worker.on('error', (error) => log(error.message));
        await message(worker);
        const over = worker.terminate();
        log(await over);`,
      worker: inWorker(`
        parentPort.postMessage('up');
        Atomics.wait(workerData, 0, 0);
        throw new Error('not reached');`),
      logs: [1],
    },
    {
      title: 'the id of a thread is there at once, and -1 from the exit event on',
      main: `
        const worker = start();
        const id = worker.threadId;
        log([typeof id, id > 0]);
        worker.on('exit', () => log(worker.threadId));
        const [inside] = await messagesOf(worker);
        log(inside === id);
        log(worker.threadId);`,
      worker: inWorker(`parentPort.postMessage(threadId);`),
      logs: [['number', true], -1, true, -1],
    },
    {
      title: 'event loop utilization is zero before online and after exit',
      main: `
        const worker = start();
        const zero = ({ idle, active, utilization }) => idle === 0 && active === 0 && utilization === 0;
        log(zero(worker.performance.eventLoopUtilization()));
        worker.postMessage('ping');
        await message(worker);
        const now = worker.performance.eventLoopUtilization();
        log(Object.keys(now).sort());
        log([now.utilization >= 0, now.utilization <= 1, Object.keys(worker.performance.eventLoopUtilization(now)).length]);
        worker.postMessage('stop');
        await ended(worker);
        log(zero(worker.performance.eventLoopUtilization()));`,
      worker: echo,
      logs: [true, ['active', 'idle', 'utilization'], [true, true, 3], true],
    },
    {
      title: 'a worker is a Worker and an EventEmitter',
      main: `
        const worker = start();
        log([worker instanceof Worker, worker instanceof EventEmitter, worker.constructor.name, Object.getPrototypeOf(worker) === Worker.prototype]);
        log(Object.prototype.toString.call(worker));
        await ended(worker);`,
      worker: ``,
      logs: [[true, true, 'Worker', true], '[object Object]'],
    },
    {
      title: 'a class derived from Worker',
      main: `
        class Counting extends Worker {
          #sent = 0;
          constructor(options) { super(here('./worker.mjs'), options); this.created = true; }
          postMessage(...values) { this.#sent++; super.postMessage(...values); }
          get sent() { return this.#sent; }
          emit(name, ...values) { if (name === 'message') return super.emit(name, 'seen ' + values[0]); return super.emit(name, ...values); }
        }
        const worker = new Counting();
        worker.postMessage('a');
        worker.postMessage('stop');
        log(await messagesOf(worker));
        log([worker.sent, worker.created, worker instanceof Counting, worker instanceof Worker]);`,
      worker: echo,
      logs: [['seen a'], [2, true, true, true]],
    },
    {
      title: 'methods of EventEmitter work on a worker',
      main: `
        const worker = start();
        const order = [];
        worker.on('message', () => order.push('second'));
        worker.prependListener('message', () => order.push('first'));
        worker.addListener('message', () => order.push('third'));
        worker.prependOnceListener('message', () => order.push('zeroth'));
        log([worker.listenerCount('message'), worker.listeners('message').length, worker.eventNames().includes('message')]);
        worker.postMessage(1);
        worker.postMessage('stop');
        log(worker.emit('custom', 1));
        worker.on('custom', (value) => order.push(value));
        log(worker.emit('custom', 'mine'));
        await ended(worker);
        log(order);`,
      worker: echo,
      logs: [[4, 4, true], false, true, ['mine', 'zeroth', 'first', 'second', 'third']],
    },
    {
      title: 'all listeners are gone after exit',
      main: `
        const worker = start();
        worker.on('message', () => {});
        worker.on('error', () => {});
        await ended(worker);
        await null;
        log(['message', 'error', 'exit', 'online'].map((name) => worker.listenerCount(name)));`,
      worker: ``,
      logs: [[0, 0, 0, 0]],
    },
    {
      title: 'removeAllListeners',
      main: `
        const worker = start();
        worker.on('message', () => log('never'));
        worker.removeAllListeners('message');
        worker.once('message', (value) => log(value));
        worker.postMessage('heard');
        worker.postMessage('not heard');
        worker.postMessage('stop');
        await ended(worker);`,
      worker: echo,
      logs: ['heard'],
    },
    {
      title: 'events.once takes a message, and rejects with an error',
      main: `
        const good = start({ workerData: 'good' });
        log(await once(good, 'message'));
        const bad = start({ workerData: 'bad' });
        try { await once(bad, 'message'); } catch (error) { log(error.message); }
        const ended_ = start({ workerData: 'good' });
        log(await once(ended_, 'exit'));`,
      worker: inWorker(`
        if (workerData === 'bad') throw new Error('instead');
        parentPort.postMessage('good');`),
      logs: [['good'], 'instead', [0]],
    },
    {
      title: 'events.on iterates over messages',
      main: `
        const worker = start();
        for (let i = 1; i <= 3; i++) worker.postMessage(i);
        const seen = [];
        for await (const [value] of on(worker, 'message')) {
          seen.push(value);
          if (value === 3) break;
        }
        worker.postMessage('stop');
        await ended(worker);
        log(seen);`,
      worker: echo,
      logs: [[1, 2, 3]],
    },
    {
      title: 'events.once with a signal that is aborted',
      main: `
        const worker = start();
        const controller = new AbortController();
        const waiting = once(worker, 'message', { signal: controller.signal });
        controller.abort();
        try { await waiting; } catch (error) { log([error.name, error.code]); }
        worker.postMessage('stop');
        log(await ended(worker));`,
      worker: echo,
      logs: [['AbortError', 'ABORT_ERR'], 0],
    },
    {
      title: 'Symbol.asyncDispose terminates',
      since: ['22.18', '24.2'],
      main: `
        const worker = start();
        await message(worker);
        log((await worker[Symbol.asyncDispose]()) ?? 'undefined');
        log([worker.threadId, await ended(worker)]);`,
      worker: inWorker(`parentPort.postMessage('up'); setInterval(() => {}, 1000);`),
      logs: ['undefined', [-1, 1]],
    },
    {
      title: 'a handle has these properties',
      main: `
        const worker = start();
        const methods = ['postMessage', 'ref', 'unref', 'terminate', 'getHeapSnapshot', 'on', 'once', 'off', 'emit'];
        log(methods.filter((name) => typeof worker[name] !== 'function'));
        log(['stdin', 'stdout', 'stderr', 'resourceLimits', 'performance', 'threadId'].filter((name) => !(name in worker)));
        await ended(worker);`,
      worker: ``,
      logs: [[], []],
    },
    {
      title: 'getHeapSnapshot of a worker that has exited is refused',
      main: `
        const worker = start();
        await ended(worker);
        try { await worker.getHeapSnapshot(); } catch (error) { log(error.code); }`,
      worker: ``,
      logs: ['ERR_WORKER_NOT_RUNNING'],
    },
    {
      title: 'a port cannot be sent through itself, and not twice',
      main: `
        const { port1, port2 } = new MessageChannel();
        log(refusal(() => port1.postMessage(1, [port1])));
        const worker = start();
        worker.postMessage(port2, [port2]);
        log(refusal(() => worker.postMessage(port2, [port2])));
        worker.postMessage('stop');
        await ended(worker);
        port1.close();`,
      worker: inWorker(`parentPort.on('message', (value) => { if (value === 'stop') parentPort.close(); });`),
      logs: [
        ['DataCloneError', 25],
        ['DataCloneError', 25],
      ],
    },
    {
      title: 'a worker that is created and forgotten runs to its end',
      main: `
        const shared = new Int32Array(new SharedArrayBuffer(4));
        start({ workerData: shared });
        // The worker may be the first.
        await Atomics.waitAsync(shared, 0, 0).value;
        log(Atomics.load(shared, 0));`,
      worker: inWorker(`
        setTimeout(() => { Atomics.store(workerData, 0, 1); Atomics.notify(workerData, 0); }, 10);`),
      logs: [1],
    },
  ],
};
