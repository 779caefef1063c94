import type { Theme } from '../worker-case.js';

const inWorker = (body: string): string => `
  import process from 'node:process';
  import * as threads from 'node:worker_threads';
  const { parentPort, workerData } = threads;
  ${body}`;
const post = (expression: string): string => inWorker(`parentPort.postMessage(${expression});`);

/** What `new Worker` is told beside the file. */
export const options: Theme = {
  name: 'options',
  cases: [
    {
      title: 'workerData of every cloneable kind',
      main: `
        const cyclic = { name: 'cyclic' };
        cyclic.self = cyclic;
        const data = {
          map: new Map([['a', { b: 1 }]]), set: new Set([1, 2]), date: new Date(86_400_000), pattern: /a+/gi, big: 12n ** 20n,
          typed: new Float64Array([1.5, 2.5]), bytes: Buffer.from('hi'), view: new DataView(new ArrayBuffer(3)), cyclic,
          error: new RangeError('kept'), negative: -0, none: undefined, nothing: null, boxed: new String('boxed'),
        };
        for (const entry of await messagesOf(start({ workerData: data }))) log(entry);`,
      worker: inWorker(`
        const say = (...values) => parentPort.postMessage(values);
        const { map, set, date, pattern, big, typed, bytes, view, cyclic, error, negative, none, nothing, boxed } = workerData;
        say(map instanceof Map, map.get('a').b, set instanceof Set, [...set], date instanceof Date, date.getTime());
        say(String(pattern), String(big), typed instanceof Float64Array, [...typed], bytes.constructor.name, [...bytes], view.byteLength);
        say(cyclic.self === cyclic, error instanceof RangeError, error.message, Object.is(negative, -0), none === undefined && 'none' in workerData, nothing, typeof boxed);`),
      logs: [
        [true, 1, true, [1, 2], true, 86_400_000],
        ['/a+/gi', '3833759992447475122176', true, [1.5, 2.5], 'Uint8Array', [104, 105], 3],
        [true, true, 'kept', true, true, null, 'object'],
      ],
    },
    {
      title: 'workerData is null in the main thread and undefined in a worker without it',
      main: `
        log(threads.workerData === null);
        log(await messagesOf(start()));
        log(await messagesOf(start({ workerData: null })));
        log(await messagesOf(start({ workerData: 0 })));`,
      worker: post(`String(workerData)`),
      logs: [true, ['undefined'], ['null'], ['0']],
    },
    {
      title: 'workerData is a copy made when the worker is created',
      main: `
        const data = { list: [1] };
        const worker = start({ workerData: data });
        data.list.push(2);
        log(await messagesOf(worker));
        log(data.list);`,
      worker: inWorker(`workerData.list.push('of the worker'); parentPort.postMessage(workerData.list);`),
      logs: [[[1, 'of the worker']], [1, 2]],
    },
    {
      title: 'objects of classes arrive without their class, getters as values, functions not at all',
      main: `
        class Point { constructor() { this.x = 1; } length() { return 1; } }
        log(await messagesOf(start({ workerData: { point: new Point(), get now() { return 'value'; } } })));
        log(refusal(() => start({ workerData: () => 1 })));
        log(refusal(() => start({ workerData: { deep: [Symbol('x')] } })));
        log(refusal(() => start({ workerData: new WeakMap() })));
        log(refusal(() => start({ workerData: Promise.resolve() })).slice(0, 1));`,
      worker: post(`[workerData.point.constructor.name, workerData.point.x, workerData.point.length, workerData.now]`),
      logs: [
        [['Object', 1, null, 'value']],
        ['DataCloneError', 25],
        ['DataCloneError', 25],
        ['DataCloneError', 25],
        ['DataCloneError'],
      ],
    },
    {
      title: 'shared memory in workerData is one memory',
      main: `
        const buffer = new SharedArrayBuffer(16);
        const words = new Int32Array(buffer, 4, 2);
        const worker = start({ workerData: { buffer, words, map: new Map([[1, buffer]]) } });
        log(await messagesOf(worker));
        log([...new Int32Array(buffer)]);`,
      worker: inWorker(`
        const { buffer, words, map } = workerData;
        parentPort.postMessage([words.buffer === buffer, map.get(1) === buffer, words.byteOffset, words.length, buffer instanceof SharedArrayBuffer]);
        words[1] = 5;
        Atomics.store(new Int32Array(buffer), 0, 9);`),
      logs: [[[true, true, 4, 2, true]], [9, 0, 5, 0]],
    },
    {
      title: 'transferList moves array buffers',
      main: `
        const buffer = new Uint8Array([1, 2, 3]).buffer;
        const other = new Uint8Array([4]).buffer;
        const worker = start({ workerData: { bytes: new Uint8Array(buffer, 1), other }, transferList: [buffer] });
        log([buffer.byteLength, other.byteLength]);
        log(await messagesOf(worker));`,
      worker: post(`[[...workerData.bytes], workerData.bytes.byteOffset, [...new Uint8Array(workerData.other)]]`),
      logs: [[0, 1], [[[2, 3], 1, [4]]]],
    },
    {
      title: 'transferList moves ports, with what was sent to them',
      main: `
        const { port1, port2 } = new MessageChannel();
        port1.postMessage('before');
        const worker = start({ workerData: { port: port2 }, transferList: [port2] });
        port1.postMessage('after');
        log(await message(port1));
        log(await ended(worker));`,
      worker: inWorker(`
        const heard = [];
        workerData.port.on('message', (value) => {
          heard.push(value);
          if (heard.length < 2) return;
          workerData.port.postMessage(heard);
          workerData.port.close();
        });`),
      logs: [['before', 'after'], 0],
    },
    {
      title: 'a port that is not in transferList is refused',
      main: `
        const { port1 } = new MessageChannel();
        let name;
        try { start({ workerData: port1 }); } catch (error) { name = [error instanceof Error, /transfer/i.test(error.message)]; }
        log(name);
        port1.close();`,
      worker: ``,
      logs: [[true, true]],
    },
    {
      title: 'the same buffer twice in transferList is refused',
      main: `
        const buffer = new ArrayBuffer(4);
        log(refusal(() => start({ workerData: buffer, transferList: [buffer, buffer] })));
        log(buffer.byteLength);`,
      worker: ``,
      logs: [['DataCloneError', 25], 4],
    },
    {
      title: 'env is a copy by default',
      main: `
        process.env.CASE_OF_PARENT = 'parent';
        const worker = start();
        process.env.CASE_OF_PARENT = 'changed';
        process.env.CASE_LATE = 'late';
        log(await messagesOf(worker));
        log([process.env.CASE_OF_PARENT, process.env.CASE_OF_WORKER ?? null]);
        delete process.env.CASE_OF_PARENT;
        delete process.env.CASE_LATE;`,
      worker: inWorker(`
        parentPort.postMessage([process.env.CASE_OF_PARENT, process.env.CASE_LATE ?? null]);
        process.env.CASE_OF_WORKER = 'worker';
        process.env.CASE_OF_PARENT = 'of worker';
        parentPort.postMessage([process.env.CASE_OF_PARENT, process.env.CASE_OF_WORKER]);
        delete process.env.CASE_OF_PARENT;
        parentPort.postMessage(['CASE_OF_PARENT' in process.env, process.env.CASE_OF_PARENT ?? null]);`),
      logs: [
        [
          ['parent', null],
          ['of worker', 'worker'],
          [false, null],
        ],
        ['changed', null],
      ],
    },
    {
      title: 'the worker of a worker has a copy of what its starter has by then',
      main: `
        log(await messagesOf(start()));
        log(process.env.CASE_OF_STARTER ?? null);`,
      worker: inWorker(`
        const text = "require('node:worker_threads').parentPort.postMessage(process.env.CASE_OF_STARTER ?? null)";
        const relayed = () =>
          new Promise((resolve) => {
            new threads.Worker(text, { eval: true }).on('message', (value) => parentPort.postMessage(value)).on('exit', resolve);
          });
        relayed()
          .then(() => {
            process.env.CASE_OF_STARTER = 'starter';
            return relayed();
          })
          .then(() => {
            delete process.env.CASE_OF_STARTER;
            return relayed();
          });`),
      logs: [[null, 'starter', null], null],
    },
    {
      title: 'env as an object is all that there is, as strings',
      main: `
        log(await messagesOf(start({ env: { TEXT: 'a', NUMBER: 1, FLAG: false, NOTHING: null } })));
        log(await messagesOf(start({ env: {} })));`,
      worker: inWorker(`
        parentPort.postMessage(Object.entries(process.env).sort());
        process.env.LATER = 5;
        parentPort.postMessage(process.env.LATER);`),
      logs: [
        [
          [
            ['FLAG', 'false'],
            ['NOTHING', 'null'],
            ['NUMBER', '1'],
            ['TEXT', 'a'],
          ],
          '5',
        ],
        [[], '5'],
      ],
    },
    {
      title: 'SHARE_ENV is one environment',
      main: `
        process.env.CASE_SHARED = 'before';
        const worker = start({ env: SHARE_ENV });
        const first = message(worker);
        log(await first);
        log([process.env.CASE_SHARED, process.env.CASE_NEW]);
        process.env.CASE_SHARED = 'back';
        const second = messagesOf(worker);
        worker.postMessage('go');
        log(await second);
        log([process.env.CASE_SHARED ?? null, process.env.CASE_NEW]);
        delete process.env.CASE_NEW;`,
      worker: inWorker(`
        const before = process.env.CASE_SHARED;
        process.env.CASE_SHARED = 'of the worker';
        process.env.CASE_NEW = 'new';
        parentPort.postMessage(before);
        parentPort.once('message', () => {
          parentPort.postMessage(process.env.CASE_SHARED);
          delete process.env.CASE_SHARED;
        });`),
      logs: ['before', ['of the worker', 'new'], ['back'], [null, 'new']],
    },
    {
      title: 'a worker of a worker inherits its env, or shares it',
      main: `log(await messagesOf(start({ env: { DEPTH: '1' } })));`,
      worker: inWorker(`
        import { Worker, SHARE_ENV } from 'node:worker_threads';
        const text = "const { parentPort } = require('node:worker_threads'); parentPort.postMessage(process.env.DEPTH); process.env.DEPTH = 'deeper';";
        process.env.DEPTH += '2';
        const child = (options) => new Promise((resolve) => {
          const worker = new Worker(text, { eval: true, ...options });
          worker.on('message', (value) => parentPort.postMessage(value));
          worker.on('exit', resolve);
        });
        await child({});
        parentPort.postMessage(process.env.DEPTH);
        await child({ env: SHARE_ENV });
        parentPort.postMessage(process.env.DEPTH);`),
      logs: [['12', '12', '12', 'deeper']],
    },
    {
      title: 'argv is appended to process.argv, as strings',
      main: `
        const [argv] = await messagesOf(start({ argv: ['--flag', 7, null, { toString: () => 'object' }] }));
        log([argv.length, argv[0] === process.argv[0], argv[1] === pathOf('./worker.mjs'), argv.slice(2)]);
        const [plain] = await messagesOf(start());
        log([plain.length, plain[1] === pathOf('./worker.mjs')]);`,
      worker: post(`process.argv`),
      logs: [
        [6, true, true, ['--flag', '7', 'null', 'object']],
        [2, true],
      ],
    },
    {
      title: 'argv with eval: true',
      main: `
        const text = "require('node:worker_threads').parentPort.postMessage(process.argv.slice(1));";
        log(await messagesOf(new Worker(text, { eval: true, argv: ['x'] })));`,
      logs: [[['[worker eval]', 'x']]],
    },
    {
      title: 'execArgv is inherited, or is what it is set to',
      main: `
        const [inherited] = await messagesOf(start());
        log(JSON.stringify(inherited) === JSON.stringify(process.execArgv));
        log(await messagesOf(start({ execArgv: ['--no-warnings'] })));
        log(await messagesOf(start({ execArgv: [] })));`,
      worker: post(`process.execArgv`),
      logs: [true, [['--no-warnings']], [[]]],
    },
    {
      title: 'execArgv with flags of the process, of V8 or of nobody is refused',
      main: `
        for (const flag of ['--title=x', '--expose-gc', '--max-old-space-size=50', '--no-such-flag']) {
          log([flag, refusal(() => start({ execArgv: [flag] }))]);
        }
        log(refusal(() => start({ execArgv: '--no-warnings' })));
        try { start({ execArgv: ['--expose-gc', '--no-such-flag'] }); } catch (error) { log(error.message); }`,
      worker: ``,
      logs: [
        ['--title=x', ['Error', 'ERR_WORKER_INVALID_EXEC_ARGV']],
        ['--expose-gc', ['Error', 'ERR_WORKER_INVALID_EXEC_ARGV']],
        ['--max-old-space-size=50', ['Error', 'ERR_WORKER_INVALID_EXEC_ARGV']],
        ['--no-such-flag', ['Error', 'ERR_WORKER_INVALID_EXEC_ARGV']],
        ['TypeError', 'ERR_INVALID_ARG_TYPE'],
        'Initiated Worker with invalid execArgv flags: --expose-gc, --no-such-flag',
      ],
    },
    {
      title: 'execArgv with --require and --import loads these first',
      main: `
        log(await messagesOf(start({ execArgv: ['--require', pathOf('./first.cjs')] })));
        log(await messagesOf(start({ execArgv: ['--import', here('./second.mjs').href] })));`,
      worker: post(`globalThis.loadedFirst`),
      files: {
        'first.cjs': `globalThis.loadedFirst = 'required';`,
        'second.mjs': `globalThis.loadedFirst = 'imported';`,
      },
      logs: [['required'], ['imported']],
    },
    {
      title: 'execArgv with --conditions chooses among exports',
      main: `log(await messagesOf(start({ execArgv: ['--conditions=special'] })));`,
      worker: inWorker(`
        const { kind } = await import('chosen');
        parentPort.postMessage(kind);`),
      files: {
        'node_modules/chosen/package.json':
          '{ "name": "chosen", "exports": { ".": { "special": "./special.mjs", "default": "./main.mjs" } } }',
        'node_modules/chosen/special.mjs': `export const kind = 'special';`,
        'node_modules/chosen/main.mjs': `export const kind = 'default';`,
      },
      logs: [['special']],
    },
    {
      title: 'execArgv with --input-type=module makes evaluated text an ES module',
      main: `
        const text = "import { parentPort } from 'node:worker_threads'; parentPort.postMessage(typeof require);";
        log(await messagesOf(new Worker(text, { eval: true, execArgv: ['--input-type=module'] })));`,
      logs: [['undefined']],
    },
    {
      title: 'invalid NODE_OPTIONS in env are refused',
      main: `
        log(refusal(() => start({ env: { NODE_OPTIONS: '--title=x' } })));
        log(await messagesOf(start({ env: { NODE_OPTIONS: '--no-warnings' } })));`,
      worker: post(`process.env.NODE_OPTIONS`),
      logs: [['Error', 'ERR_WORKER_INVALID_EXEC_ARGV'], ['--no-warnings']],
    },
    {
      title: 'invalid types of options are refused',
      main: `
        log(refusal(() => start({ argv: 'text' })));
        log(refusal(() => start({ env: 7 })));
        log(refusal(() => start({ env: 'text' })));
        log(refusal(() => start({ name: 7 })));
        log(refusal(() => start({ execArgv: {} })));
        log(['TypeError', 'DataCloneError'].includes(refusal(() => start({ transferList: [1] }))[0]));`,
      worker: ``,
      logs: [
        ['TypeError', 'ERR_INVALID_ARG_TYPE'],
        ['TypeError', 'ERR_INVALID_ARG_TYPE'],
        ['TypeError', 'ERR_INVALID_ARG_TYPE'],
        ['TypeError', 'ERR_INVALID_ARG_TYPE'],
        ['TypeError', 'ERR_INVALID_ARG_TYPE'],
        true,
      ],
    },
    {
      title: 'other values of options are taken as unset',
      main: `
        const odd = { argv: null, env: null, execArgv: null, name: '', eval: 0, stdin: 0, stdout: '', stderr: null, resourceLimits: 'much', trackUnmanagedFds: 1, unknown: true };
        log(await messagesOf(start(odd)));
        log(await messagesOf(start({ trackUnmanagedFds: false })));
        log(await messagesOf(start(undefined)));`,
      worker: post(`'runs'`),
      logs: [['runs'], ['runs'], ['runs']],
    },
    {
      title: 'a worker that was refused never ran, and takes no data with it',
      main: `
        const shared = new Int32Array(new SharedArrayBuffer(4));
        const buffer = new ArrayBuffer(4);
        log(refusal(() => start({ workerData: { shared, buffer, bad() {} }, transferList: [buffer] })));
        log(buffer.byteLength);
        log(await ended(start({ workerData: { shared } })));
        log(shared[0]);`,
      worker: inWorker(`Atomics.add(workerData.shared, 0, 1);`),
      logs: [['DataCloneError', 25], 4, 0, 1],
    },
    {
      title: 'name is accepted',
      main: `log(await messagesOf(start({ name: ' my thread ' })));`,
      worker: post(`'named'`),
      logs: [['named']],
    },
    {
      title: 'threadName is the name of the worker',
      since: ['22.20', '24.6'],
      main: `
        const worker = start({ name: ' my thread ' });
        log([worker.threadName, threads.threadName]);
        log(await messagesOf(worker));
        log(worker.threadName);`,
      worker: post(`threads.threadName`),
      logs: [['my thread', ''], ['my thread'], null],
    },
    {
      title: 'stdin: true gives a stream that the worker reads',
      main: `
        const worker = start({ stdin: true });
        worker.stdin.write('first ');
        worker.stdin.end('second');
        log(await messagesOf(worker));`,
      worker: inWorker(`
        process.stdin.setEncoding('utf8');
        let text = '';
        process.stdin.on('data', (chunk) => (text += chunk));
        process.stdin.on('end', () => parentPort.postMessage(text));`),
      logs: [['first second']],
    },
    {
      title: 'without stdin the worker reads an end at once',
      main: `
        const worker = start();
        log(worker.stdin);
        log(await messagesOf(worker));`,
      worker: inWorker(`
        let text = '';
        for await (const chunk of process.stdin) text += chunk;
        parentPort.postMessage(['ended', text]);`),
      logs: [null, [['ended', '']]],
    },
    {
      title: 'stdout: true and stderr: true give streams of what the worker writes',
      main: `
        const worker = start({ stdout: true, stderr: true });
        const [out, problems] = await Promise.all([textOf(worker.stdout), textOf(worker.stderr), ended(worker)]);
        log([out, problems]);`,
      worker: inWorker(`
        process.stdout.write('one ');
        console.log('two %d', 2);
        console.error('problem');
        process.stderr.write('more');
        await new Promise((resolve) => process.stdout.write('three', resolve));`),
      logs: [['one two 2\nthree', 'problem\nmore']],
    },
    {
      title: 'what is written before process.exit arrives',
      main: `
        const worker = start({ stdout: true });
        const [out, code] = await Promise.all([textOf(worker.stdout), ended(worker)]);
        log([out, code]);`,
      worker: inWorker(`for (let i = 0; i < 5; i++) console.log('line', i); process.exit(3);`),
      logs: [['line 0\nline 1\nline 2\nline 3\nline 4\n', 3]],
    },
    {
      title: 'without stdout the handle has a stream all the same, which flows to that of the process',
      main: `
        const worker = start();
        log([typeof worker.stdout.on, typeof worker.stderr.on, worker.stdout.readableFlowing]);
        let text = '';
        worker.stdout.on('data', (chunk) => (text += chunk));
        await ended(worker);
        log(text);`,
      worker: inWorker(`await new Promise((resolve) => process.stdout.write('heard by both\\n', resolve));`),
      logs: [['function', 'function', true], 'heard by both\n'],
    },
    {
      title: 'resourceLimits are seen in the worker and on the handle',
      main: `
        const limits = { maxYoungGenerationSizeMb: 8, maxOldGenerationSizeMb: 64, codeRangeSizeMb: 16, stackSizeMb: 2 };
        const worker = start({ resourceLimits: limits });
        log(worker.resourceLimits);
        const [inside] = await messagesOf(worker);
        log(inside);
        log(worker.resourceLimits);
        log(threads.resourceLimits);`,
      worker: post(`threads.resourceLimits`),
      logs: [
        { maxYoungGenerationSizeMb: 8, maxOldGenerationSizeMb: 64, codeRangeSizeMb: 16, stackSizeMb: 2 },
        { maxYoungGenerationSizeMb: 8, maxOldGenerationSizeMb: 64, codeRangeSizeMb: 16, stackSizeMb: 2 },
        {},
        {},
      ],
    },
    {
      title: 'resourceLimits that are not given have defaults',
      main: `
        const worker = start({ resourceLimits: { stackSizeMb: 3 } });
        const [inside] = await messagesOf(worker);
        log([Object.keys(inside), inside.stackSizeMb, inside.maxOldGenerationSizeMb > 0]);
        const [unset] = await messagesOf(start());
        log([Object.keys(unset).length, unset.stackSizeMb]);`,
      worker: post(`threads.resourceLimits`),
      logs: [
        [['maxYoungGenerationSizeMb', 'maxOldGenerationSizeMb', 'codeRangeSizeMb', 'stackSizeMb'], 3, true],
        [4, 4],
      ],
    },
    {
      title: 'workerData with objects of Node and of WebAssembly',
      main: `
        const { createSecretKey } = await import('node:crypto');
        const { BlockList } = await import('node:net');
        const blocked = new BlockList();
        blocked.addAddress('10.0.0.1');
        // (module (func (export "answer") (result i32) i32.const 42))
        const bytes = Uint8Array.from([0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 127, 3, 2, 1, 0, 7, 10, 1, 6, 97, 110, 115, 119, 101, 114, 0, 0, 10, 6, 1, 4, 0, 65, 42, 11]);
        const data = { key: createSecretKey(Buffer.from('key')), blob: new Blob(['blob']), blocked, module: new WebAssembly.Module(bytes) };
        log(await messagesOf(start({ workerData: data })));`,
      worker: inWorker(`
        const { key, blob, blocked, module } = workerData;
        const { answer } = new WebAssembly.Instance(module).exports;
        parentPort.postMessage([key.export().toString(), blob.size, blocked.check('10.0.0.1'), blocked.check('10.0.0.2'), answer()]);`),
      logs: [[['key', 4, true, false, 42]]],
    },
    {
      title: 'memory that grows is one memory in both threads',
      main: `
        const shared = new SharedArrayBuffer(4, { maxByteLength: 16 });
        const memory = new WebAssembly.Memory({ initial: 1, maximum: 2, shared: true });
        log(await messagesOf(start({ workerData: { shared, memory } })));
        log([shared.byteLength, new Int32Array(shared)[1], memory.buffer.byteLength, new Int32Array(memory.buffer)[0]]);`,
      worker: inWorker(`
        const { shared, memory } = workerData;
        parentPort.postMessage([shared.growable, shared.maxByteLength, memory.buffer instanceof SharedArrayBuffer]);
        shared.grow(8);
        new Int32Array(shared)[1] = 7;
        memory.grow(1);
        new Int32Array(memory.buffer)[0] = 8;`),
      logs: [[[true, 16, true]], [8, 7, 131_072, 8]],
    },
  ],
};
