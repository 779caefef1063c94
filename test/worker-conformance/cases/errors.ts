import type { Theme } from '../worker-case.js';

const thrower = (body: string): string => `
  import { parentPort, workerData } from 'node:worker_threads';
  import { inspect } from 'node:util';
  void parentPort; void workerData; void inspect;
  ${body}`;

/** Uncaught errors of workers. */
export const errors: Theme = {
  name: 'errors',
  cases: [
    {
      title: 'an error thrown by the module is an error event, then exit with 1',
      main: `
        const worker = start();
        worker.on('error', (error) => log([error instanceof TypeError, error.stack.includes('worker.mjs')]));
        await watch(worker, log);`,
      worker: thrower(`throw new TypeError('broken');`),
      logs: [[true, true], 'online', ['error', { name: 'TypeError', message: 'broken' }], ['exit', 1]],
    },
    {
      title: 'an error thrown by a message listener',
      main: `
        const worker = start();
        worker.postMessage('go');
        await watch(worker, log);`,
      worker: thrower(`parentPort.on('message', (value) => { throw new RangeError('heard ' + value); });`),
      logs: ['online', ['error', { name: 'RangeError', message: 'heard go' }], ['exit', 1]],
    },
    {
      title: 'an error thrown by a timer, an immediate, a tick and a microtask',
      main: `
        for (const place of ['setTimeout', 'setImmediate', 'nextTick', 'queueMicrotask']) {
          const worker = start({ workerData: place });
          worker.on('error', (error) => log(error.message));
          log(await ended(worker));
        }`,
      worker: thrower(`
        const fail = () => { throw new Error('in ' + workerData); };
        if (workerData === 'setTimeout') setTimeout(fail, 1);
        if (workerData === 'setImmediate') setImmediate(fail);
        if (workerData === 'nextTick') process.nextTick(fail);
        if (workerData === 'queueMicrotask') queueMicrotask(fail);
        setInterval(() => {}, 1000);`),
      logs: ['in setTimeout', 1, 'in setImmediate', 1, 'in nextTick', 1, 'in queueMicrotask', 1],
    },
    {
      title: 'a rejection that nobody handles is an error event with its reason',
      main: `await watch(start(), log);`,
      worker: thrower(`void Promise.reject(new Error('no')); setInterval(() => {}, 1000);`),
      logs: ['online', ['error', { name: 'Error', message: 'no' }], ['exit', 1]],
    },
    {
      title: 'a rejection with something else than an error has a code',
      main: `await watch(start(), log, (error) => [error.name, error.code, error.message.includes('just words')]);`,
      worker: thrower(`void Promise.reject('just words');`),
      logs: ['online', ['error', ['UnhandledPromiseRejection', 'ERR_UNHANDLED_REJECTION', true]], ['exit', 1]],
    },
    {
      title: 'a rejected top-level await',
      main: `await watch(start(), log);`,
      worker: thrower(`await Promise.reject(new SyntaxError('awaited'));`),
      logs: ['online', ['error', { name: 'SyntaxError', message: 'awaited' }], ['exit', 1]],
    },
    {
      title: 'a top-level await that nothing settles exits with 13',
      main: `await watch(start(), log);`,
      worker: thrower(`await new Promise(() => {});`),
      logs: ['online', ['exit', 13]],
    },
    {
      title: 'values that are no errors arrive as they are',
      main: `
        for (const name of ['string', 'number', 'null', 'undefined', 'object', 'map', 'bigint']) {
          const worker = start({ workerData: name });
          worker.on('error', (value) => log([name, typeof value, value instanceof Map ? [...value] : typeof value === 'bigint' ? String(value) : value]));
          log(await ended(worker));
        }`,
      worker: thrower(`
        const values = { string: 'words', number: 4, null: null, undefined: undefined, object: { a: [1] }, map: new Map([['k', 1]]), bigint: 12n };
        throw values[workerData];`),
      logs: [
        ['string', 'string', 'words'],
        1,
        ['number', 'number', 4],
        1,
        ['null', 'object', null],
        1,
        ['undefined', 'undefined', null],
        1,
        ['object', 'object', { a: [1] }],
        1,
        ['map', 'object', [['k', 1]]],
        1,
        ['bigint', 'bigint', '12'],
        1,
      ],
    },
    {
      title: 'a symbol arrives as the registered symbol of its description',
      main: `await watch(start(), log, (value) => [typeof value, value === Symbol.for('mark')]);`,
      worker: thrower(`throw Symbol('mark');`),
      logs: ['online', ['error', ['symbol', true]], ['exit', 1]],
    },
    {
      title: 'a function arrives as text',
      main: `await watch(start(), log, (value) => [typeof value, value]);`,
      worker: thrower(`throw function broken() {};`),
      logs: ['online', ['error', ['string', '[Function: broken]']], ['exit', 1]],
    },
    {
      title: 'own properties of an error arrive, functions do not',
      main: `await watch(start(), log, (error) => [error.code, error.detail, 'method' in error, error.name, error instanceof Error]);`,
      worker: thrower(
        `throw Object.assign(new Error('no'), { code: 'E_NO', detail: { deep: [1] }, method() {}, name: 'Special' });`,
      ),
      logs: ['online', ['error', ['E_NO', { deep: [1] }, false, 'Special', true]], ['exit', 1]],
    },
    {
      title: 'the cause of an error arrives, an error or not',
      main: `
        for (const kind of ['error', 'value']) {
          const worker = start({ workerData: kind });
          const error = await failure(worker);
          log(error.cause instanceof RangeError ? [error.cause.message, error.cause.cause instanceof Error] : error.cause);
          await ended(worker);
        }`,
      worker: thrower(`
        throw new Error('outer', { cause: workerData === 'error' ? new RangeError('inner', { cause: new Error('innermost') }) : { reason: 7 } });`),
      logs: [['inner', true], { reason: 7 }],
    },
    {
      title: 'a class derived from an error arrives as its built-in base',
      main: `await watch(start(), log, (error) => [error.name, error.constructor.name, error instanceof RangeError, error.kept]);`,
      worker: thrower(`
        class TooFar extends RangeError { kept = 1; get name() { return 'TooFar'; } }
        throw new TooFar('far');`),
      logs: ['online', ['error', ['TooFar', 'RangeError', true, 1]], ['exit', 1]],
    },
    {
      title: 'an AggregateError',
      main: `await watch(start(), log, (error) => [error.name, error.message, error.errors?.map(({ message }) => message)]);`,
      worker: thrower(`await Promise.any([Promise.reject(new Error('a')), Promise.reject(new Error('b'))]);`),
      logs: ['online', ['error', ['AggregateError', 'All promises were rejected', ['a', 'b']]], ['exit', 1]],
    },
    {
      title: 'an error with a property that cannot be copied arrives without it',
      main: `await watch(start(), log, (error) => [error instanceof Error, error.message, 'kept' in error]);`,
      worker: thrower(`throw Object.assign(new Error('with a map'), { kept: new WeakMap() });`),
      logs: ['online', ['error', [true, 'with a map', false]], ['exit', 1]],
    },
    {
      title: 'an object that says how it is inspected',
      main: `
        const { inspect } = await import('node:util');
        await watch(start(), log, (value) => [typeof value, inspect(value)]);`,
      worker: thrower(`throw { secret: 1, [inspect.custom]: () => 'inspected' };`),
      logs: ['online', ['error', ['object', 'inspected']], ['exit', 1]],
    },
    {
      title: 'what can neither be copied nor inspected is ERR_WORKER_UNSERIALIZABLE_ERROR',
      main: `await watch(start(), log, (error) => [error.name, error.code]);`,
      worker: thrower(`throw { method() {}, [inspect.custom]() { throw new Error('never'); } };`),
      logs: ['online', ['error', ['Error', 'ERR_WORKER_UNSERIALIZABLE_ERROR']], ['exit', 1]],
    },
    {
      title: 'stack overflow is a RangeError',
      main: `await watch(start(), log);`,
      worker: thrower(`const recurse = () => recurse() + 1; recurse();`),
      logs: ['online', ['error', { name: 'RangeError', message: 'Maximum call stack size exceeded' }], ['exit', 1]],
    },
    {
      title: 'a worker beyond its resourceLimits has the error ERR_WORKER_OUT_OF_MEMORY',
      main: `await watch(start({ resourceLimits: { maxOldGenerationSizeMb: 24, maxYoungGenerationSizeMb: 4 } }), log, (error) => [error.name, error.code]);`,
      worker: thrower(`const kept = []; for (;;) kept.push(new Array(10_000).fill(kept.length + 0.5));`),
      logs: ['online', ['error', ['Error', 'ERR_WORKER_OUT_OF_MEMORY']], ['exit', 1]],
      controlled: { verdict: 'crash', message: /limits\.workerHeapMiB/ },
    },
    {
      title: 'an error that nobody listens to ends the program',
      main: `
        const worker = start();
        await ended(worker);
        log('not reached');`,
      worker: thrower(`throw new Error('nobody listens');`),
      logs: [],
      crash: /Error: nobody listens/,
    },
    {
      title: 'an error listener that throws ends the program',
      main: `
        const worker = start();
        worker.on('error', (error) => { log(error.message); throw new Error('worse'); });
        await ended(worker);`,
      worker: thrower(`throw new Error('bad');`),
      logs: ['bad'],
      crash: /Error: worse/,
    },
    {
      title: 'an error that process handles in the worker is no error event, and the worker goes on',
      main: `await watch(start(), log);`,
      worker: thrower(`
        process.on('uncaughtException', (error, origin) => parentPort.postMessage([error.message, origin]));
        setTimeout(() => { throw new Error('first'); }, 1);
        setTimeout(() => parentPort.postMessage('still here'), 5);`),
      logs: ['online', ['message', ['first', 'uncaughtException']], ['message', 'still here'], ['exit', 0]],
    },
    {
      title: 'a rejection that process handles in the worker',
      main: `await watch(start(), log);`,
      worker: thrower(`
        process.on('unhandledRejection', (reason) => parentPort.postMessage(reason.message));
        void Promise.reject(new Error('lost'));`),
      logs: ['online', ['message', 'lost'], ['exit', 0]],
    },
    {
      title: 'an uncaughtException listener that throws: its error is the event',
      main: `await watch(start(), log, (error) => error.message);`,
      worker: thrower(`
        process.on('uncaughtException', () => { throw new Error('second'); });
        throw new Error('first');`),
      logs: ['online', ['error', 'second'], ['exit', 1]],
    },
    {
      title: 'uncaughtExceptionMonitor sees the error and changes nothing',
      main: `
        await watch(start(), log);`,
      worker: thrower(`
        process.on('uncaughtExceptionMonitor', (error) => parentPort.postMessage('saw ' + error.message));
        throw new Error('it');`),
      logs: ['online', ['message', 'saw it'], ['error', { name: 'Error', message: 'it' }], ['exit', 1]],
    },
    {
      title: 'an uncaught error beats process.exitCode, and exit listeners hear 1',
      main: `
        const worker = start();
        const messages = [];
        worker.on('message', (value) => messages.push(value));
        worker.on('error', () => undefined);
        log(await ended(worker));
        log(messages);`,
      worker: thrower(`
        process.exitCode = 5;
        process.on('exit', (code) => parentPort.postMessage(code));
        throw new Error('over');`),
      logs: [1, [1]],
    },
    {
      title: 'only the first of two errors is told',
      main: `await watch(start(), log, (error) => error.message);`,
      worker: thrower(`
        setTimeout(() => { throw new Error('first'); }, 1);
        setTimeout(() => { throw new Error('second'); }, 1);
        process.on('exit', () => { throw new Error('third'); });`),
      logs: ['online', ['error', 'first'], ['exit', 1]],
    },
    {
      title: 'an error in an exit listener at a natural exit',
      main: `await watch(start(), log, (error) => error.message);`,
      worker: thrower(`process.on('exit', () => { throw new Error('while leaving'); });`),
      logs: ['online', ['error', 'while leaving'], ['exit', 0]],
    },
    {
      title: 'errors of two workers come to their own handles',
      main: `
        const workers = ['a', 'b'].map((name) => start({ workerData: name }));
        const found = await Promise.all(workers.map(async (worker) => [(await failure(worker)).message, await ended(worker)]));
        for (const entry of found) log(entry);`,
      worker: thrower(`throw new Error('of ' + workerData);`),
      logs: [
        ['of a', 1],
        ['of b', 1],
      ],
    },
    {
      title: 'an error of a message listener in the main thread ends the program',
      main: `
        const worker = start();
        worker.on('message', (value) => { throw new Error('cannot take ' + value); });
        await ended(worker);`,
      worker: thrower(`parentPort.postMessage('this'); setInterval(() => {}, 1000);`),
      logs: [],
      crash: /Error: cannot take this/,
    },
    {
      title: 'an error of a worker of a worker that nobody hears ends the program',
      main: `
        const worker = start();
        await ended(worker);`,
      worker: thrower(`
        const { Worker } = await import('node:worker_threads');
        new Worker("throw new Error('deep inside')", { eval: true });`),
      logs: [],
      crash: /Error: deep inside/,
    },
    {
      title: 'setUncaughtExceptionCaptureCallback takes errors in the worker',
      main: `await watch(start(), log);`,
      worker: thrower(`
        process.setUncaughtExceptionCaptureCallback((error) => parentPort.postMessage(error.message));
        setTimeout(() => { throw new Error('captured'); }, 1);`),
      logs: ['online', ['message', 'captured'], ['exit', 0]],
    },
  ],
};
