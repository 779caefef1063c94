import type { Theme } from '../worker-case.js';

const greet = `import { parentPort } from 'node:worker_threads'; parentPort.postMessage('hello');`;
const greetCommon = `require('node:worker_threads').parentPort.postMessage('hello');`;

/** Which file or text a worker runs, and what modules find there. */
export const modules: Theme = {
  name: 'modules',
  cases: [
    {
      title: 'a URL object',
      main: `await watch(new Worker(new URL('./worker.mjs', import.meta.url)), log);`,
      worker: greet,
      logs: ['online', ['message', 'hello'], ['exit', 0]],
    },
    {
      title: 'an absolute path',
      main: `await watch(new Worker(pathOf('./worker.mjs')), log);`,
      worker: greet,
      logs: ['online', ['message', 'hello'], ['exit', 0]],
    },
    {
      title: 'a path relative to the working directory',
      main: `
        const relative = './' + path.relative(process.cwd(), pathOf('./worker.mjs')).replaceAll('\\\\', '/');
        await watch(new Worker(relative), log);`,
      worker: greet,
      logs: ['online', ['message', 'hello'], ['exit', 0]],
    },
    {
      title: 'a path that begins with two dots',
      main: `
        const folder = path.basename(process.cwd());
        const relative = '../' + folder + '/' + path.relative(process.cwd(), pathOf('./worker.mjs')).replaceAll('\\\\', '/');
        await watch(new Worker(relative), log);`,
      worker: greet,
      logs: ['online', ['message', 'hello'], ['exit', 0]],
    },
    {
      title: 'what is neither a path nor a URL is refused at once',
      main: `
        log(refusal(() => new Worker('worker.mjs')));
        log(refusal(() => new Worker(here('./worker.mjs').href)));
        log(refusal(() => new Worker('data:text/javascript,')));
        log(refusal(() => new Worker(new URL('https://example.com/worker.mjs'))));
        log(refusal(() => new Worker(7)));
        log(refusal(() => new Worker()));
        log(refusal(() => new Worker(null)));
        log(refusal(() => Worker('./worker.mjs')));`,
      worker: greet,
      logs: [
        ['TypeError', 'ERR_WORKER_PATH'],
        ['TypeError', 'ERR_WORKER_PATH'],
        ['TypeError', 'ERR_WORKER_PATH'],
        ['TypeError', 'ERR_INVALID_URL_SCHEME'],
        ['TypeError', 'ERR_INVALID_ARG_TYPE'],
        ['TypeError', 'ERR_INVALID_ARG_TYPE'],
        ['TypeError', 'ERR_INVALID_ARG_TYPE'],
        ['TypeError', null],
      ],
    },
    {
      title: 'a data: URL is an ES module',
      main: `
        const source = "import { parentPort } from 'node:worker_threads'; parentPort.postMessage([typeof require, import.meta.url.slice(0, 5)]);";
        await watch(new Worker(new URL('data:text/javascript,' + encodeURIComponent(source))), log);`,
      logs: ['online', ['message', ['undefined', 'data:']], ['exit', 0]],
    },
    {
      title: 'a data: URL in base64, with top-level await',
      main: `
        const source = "import { parentPort } from 'node:worker_threads'; parentPort.postMessage(await Promise.resolve('späť'));";
        await watch(new Worker(new URL('data:text/javascript;base64,' + Buffer.from(source).toString('base64'))), log);`,
      logs: ['online', ['message', 'späť'], ['exit', 0]],
    },
    {
      title: 'eval: true runs text as a script with require',
      main: `
        const worker = new Worker(\`
          const { parentPort, workerData } = require('node:worker_threads');
          parentPort.postMessage([workerData, __filename, typeof module.exports, process.argv[1], typeof exports]);
        \`, { eval: true, workerData: 5 });
        await watch(worker, log);`,
      logs: ['online', ['message', [5, '[worker eval]', 'object', '[worker eval]', 'object']], ['exit', 0]],
    },
    {
      title: 'eval: true runs text with the syntax of an ES module as one',
      main: `
        const text = 'import { parentPort } from "node:worker_threads";' +
          'parentPort.postMessage([typeof __filename, import.meta.url.endsWith("/[eval1]")]);';
        await watch(new Worker(text, { eval: true }), log);`,
      logs: ['online', ['message', ['undefined', true]], ['exit', 0]],
    },
    {
      title: 'eval: true with import() and an error',
      main: `
        const text = "import('node:worker_threads').then(({ parentPort }) => { parentPort.postMessage('imported'); throw new Error('then'); });";
        await watch(new Worker(text, { eval: true }), log);`,
      logs: ['online', ['message', 'imported'], ['error', { name: 'Error', message: 'then' }], ['exit', 1]],
    },
    {
      title: 'eval: true with text that is no program is a SyntaxError event',
      main: `await watch(new Worker('let 1 = 2;', { eval: true }), log, (error) => error.name);`,
      logs: ['online', ['error', 'SyntaxError'], ['exit', 1]],
    },
    {
      title: 'eval: true needs text',
      main: `log(refusal(() => new Worker(here('./worker.mjs'), { eval: true })));`,
      worker: greet,
      logs: [['TypeError', 'ERR_INVALID_ARG_VALUE']],
    },
    {
      title: 'eval: true requires relative to the working directory',
      main: `
        const relative = './' + path.relative(process.cwd(), pathOf('./helper.cjs')).replaceAll('\\\\', '/');
        const text = 'require("node:worker_threads").parentPort.postMessage(require(' + JSON.stringify(relative) + '))';
        await watch(new Worker(text, { eval: true }), log);`,
      files: { 'helper.cjs': `module.exports = 'helper';` },
      logs: ['online', ['message', 'helper'], ['exit', 0]],
    },
    {
      title: 'a CommonJS file',
      main: `await watch(new Worker(here('./worker.cjs')), log);`,
      files: {
        'worker.cjs': `
          const { parentPort } = require('worker_threads');
          const path = require('path');
          parentPort.postMessage([path.basename(__filename), path.basename(__dirname) === path.basename(path.dirname(__filename)), typeof exports]);
          parentPort.postMessage([require.main === module, module.id, module.loaded, path.basename(module.filename)]);
          parentPort.postMessage([require('./helper.cjs').value, require.resolve('./helper.cjs') === path.join(__dirname, 'helper.cjs'), this === exports]);`,
        'helper.cjs': `exports.value = require.main !== module && 'helper';`,
      },
      logs: [
        'online',
        ['message', ['worker.cjs', true, 'object']],
        ['message', [true, '.', false, 'worker.cjs']],
        ['message', ['helper', true, true]],
        ['exit', 0],
      ],
    },
    {
      title: 'an ES module knows where it is',
      main: `
        const [meta] = await messagesOf(start());
        log([meta.url === here('./worker.mjs').href, meta.filename === pathOf('./worker.mjs'), meta.dirname === pathOf('.').replace(/[\\\\/]$/, '')]);
        log(meta.resolved === here('./helper.mjs').href);
        log(meta.globals);`,
      worker: `
        import { parentPort } from 'node:worker_threads';
        const { url, filename, dirname } = import.meta;
        parentPort.postMessage({ url, filename, dirname, resolved: import.meta.resolve('./helper.mjs'), globals: [typeof require, typeof module, typeof __filename] });`,
      files: { 'helper.mjs': '' },
      logs: [[true, true, true], true, ['undefined', 'undefined', 'undefined']],
    },
    {
      title: 'a .js file is what package.json says',
      main: `
        log(await messagesOf(new Worker(here('./module/worker.js'))));
        log(await messagesOf(new Worker(here('./script/worker.js'))));`,
      files: {
        'module/package.json': '{ "type": "module" }',
        'module/worker.js': `import { parentPort } from 'node:worker_threads'; parentPort.postMessage(typeof require);`,
        'script/package.json': '{ "type": "commonjs" }',
        'script/worker.js': `require('node:worker_threads').parentPort.postMessage(typeof require);`,
      },
      logs: [['undefined'], ['function']],
    },
    {
      title: 'a path without its extension finds the .js file',
      main: `log(await messagesOf(new Worker(pathOf('./script/worker'))));`,
      files: { 'script/package.json': '{ "type": "commonjs" }', 'script/worker.js': greetCommon },
      logs: [['hello']],
    },
    {
      title: 'a folder runs its index.js',
      main: `log(await messagesOf(new Worker(pathOf('./script'))));`,
      files: { 'script/package.json': '{ "type": "commonjs" }', 'script/index.js': greetCommon },
      logs: [['hello']],
    },
    {
      title: 'a folder without an index is an error event',
      main: `await watch(new Worker(pathOf('./empty')), log, (error) => [error.name, error.code === 'MODULE_NOT_FOUND' || error.code === 'ERR_MODULE_NOT_FOUND']);`,
      files: { 'empty/file.txt': '' },
      logs: ['online', ['error', ['Error', true]], ['exit', 1]],
    },
    {
      title: 'a file that does not exist is an error event, not an exception',
      main: `
        for (const name of ['./missing.cjs', './missing.mjs', './missing.js']) {
          const worker = new Worker(here(name));
          log(typeof worker.threadId);
          await watch(worker, log, (error) => [error.name, /^(ERR_)?MODULE_NOT_FOUND$/.test(error.code), error.message.includes('missing')]);
        }`,
      logs: Array.from({ length: 3 }, () => ['number', 'online', ['error', ['Error', true, true]], ['exit', 1]]).flat(),
    },
    {
      title: 'an import that does not exist is an error event',
      main: `await watch(start(), log, (error) => [error.name, error.code, error.message.includes('missing.mjs')]);`,
      worker: `import './missing.mjs';`,
      logs: ['online', ['error', ['Error', 'ERR_MODULE_NOT_FOUND', true]], ['exit', 1]],
    },
    {
      title: 'a require that does not exist can be caught',
      main: `log(await messagesOf(new Worker(here('./worker.cjs'))));`,
      files: {
        'worker.cjs': `
          const { parentPort } = require('node:worker_threads');
          try { require('./missing.cjs'); } catch (error) { parentPort.postMessage(error.code); }`,
      },
      logs: [['MODULE_NOT_FOUND']],
    },
    {
      title: 'a name that its module does not export is a SyntaxError event',
      main: `await watch(start(), log, (error) => [error.name, error.message.includes('nothing')]);`,
      worker: `import { nothing } from './helper.mjs'; nothing();`,
      files: { 'helper.mjs': 'export const something = 1;' },
      logs: ['online', ['error', ['SyntaxError', true]], ['exit', 1]],
    },
    {
      title: 'a syntax error in the file is an error event',
      main: `await watch(start(), log, (error) => error.name);`,
      worker: `const const = 1;`,
      logs: ['online', ['error', 'SyntaxError'], ['exit', 1]],
    },
    {
      title: 'helper modules are evaluated once per worker',
      main: `
        for (const messages of await Promise.all([messagesOf(start()), messagesOf(start())])) log(messages);
        const { count } = await import('./helper.mjs');
        log(count());`,
      worker: `
        import { parentPort } from 'node:worker_threads';
        import { count } from './helper.mjs';
        import { again } from './other.mjs';
        count();
        parentPort.postMessage([count(), again()]);`,
      files: {
        'helper.mjs': 'let times = 0; export const count = () => ++times;',
        'other.mjs': `import { count } from './helper.mjs'; export const again = count;`,
      },
      logs: [[[2, 3]], [[2, 3]], 1],
    },
    {
      title: 'JSON, required and read',
      main: `log(await messagesOf(start()));`,
      worker: `
        import { createRequire } from 'node:module';
        import { readFileSync } from 'node:fs';
        import { parentPort } from 'node:worker_threads';
        parentPort.postMessage(createRequire(import.meta.url)('./data.json').answer);
        parentPort.postMessage(JSON.parse(readFileSync(new URL('./data.json', import.meta.url), 'utf8')).answer);`,
      files: { 'data.json': '{ "answer": 42 }' },
      logs: [[42, 42]],
    },
    {
      title: 'JSON, imported',
      main: `log(await messagesOf(start()));`,
      worker: `
        import data from './data.json' with { type: 'json' };
        import { parentPort } from 'node:worker_threads';
        parentPort.postMessage(data.answer);
        parentPort.postMessage((await import('./data.json', { with: { type: 'json' } })).default === data);`,
      files: { 'data.json': '{ "answer": 42 }' },
      logs: [[42, true]],
    },
    {
      title: 'import() of a computed name, and top-level await',
      main: `log(await messagesOf(start({ workerData: 'second' })));`,
      worker: `
        import { parentPort, workerData } from 'node:worker_threads';
        const { name } = await import('./' + workerData + '.mjs');
        parentPort.postMessage(name);
        const common = await import(new URL('./third.cjs', import.meta.url));
        parentPort.postMessage([common.default.name, common.name]);`,
      files: {
        'first.mjs': `export const name = 'first';`,
        'second.mjs': `export const name = 'second';`,
        'third.cjs': `exports.name = 'third';`,
      },
      logs: [['second', ['third', 'third']]],
    },
    {
      title: 'one file for the main thread and its worker',
      main: `log(await (await import('./both.mjs')).compute(20));`,
      files: {
        'both.mjs': `
          import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
          import { fileURLToPath } from 'node:url';
          export const compute = (input) => new Promise((resolve, reject) => {
            const worker = new Worker(fileURLToPath(import.meta.url), { workerData: input });
            worker.on('message', resolve);
            worker.on('error', reject);
          });
          if (!isMainThread) parentPort.postMessage(workerData + 1);`,
      },
      logs: [21],
    },
    {
      title: 'one CommonJS file for the main thread and its worker',
      main: `log(await (await import('./both.cjs')).default(20));`,
      files: {
        'both.cjs': `
          const { isMainThread, parentPort, Worker, workerData } = require('worker_threads');
          if (isMainThread) {
            module.exports = async (input) => {
              const worker = new Worker(__filename, { workerData: input });
              return new Promise((resolve, reject) => {
                worker.on('message', resolve);
                worker.on('error', reject);
                worker.on('exit', (code) => { if (code !== 0) reject(new Error('stopped with ' + code)); });
              });
            };
          } else {
            parentPort.postMessage(workerData + 2);
          }`,
      },
      logs: [22],
    },
    {
      title: 'a worker file in a package of node_modules',
      main: `log(await (await import('pool-of-one')).default());`,
      files: {
        'node_modules/pool-of-one/package.json': '{ "name": "pool-of-one", "main": "./lib/index.js" }',
        'node_modules/pool-of-one/lib/index.js': `
          const path = require('path');
          const { Worker } = require('worker_threads');
          module.exports = () => new Promise((resolve) => new Worker(path.join(__dirname, 'thread.js')).on('message', resolve));`,
        'node_modules/pool-of-one/lib/thread.js': `require('worker_threads').parentPort.postMessage(require('./task').name);`,
        'node_modules/pool-of-one/lib/task.js': `exports.name = 'of the package';`,
      },
      logs: ['of the package'],
    },
    {
      title: 'a worker of a package that imports the file it is told',
      main: `log(await (await import('runner')).run(here('./task.mjs').href, 4));`,
      files: {
        'task.mjs': `import { double } from './double.mjs'; export default (value) => double(value) + 1;`,
        'double.mjs': `export const double = (value) => value * 2;`,
        'node_modules/runner/package.json': '{ "name": "runner", "type": "module", "exports": { ".": "./main.js" } }',
        'node_modules/runner/main.js': `
          import { Worker } from 'node:worker_threads';
          export const run = (file, input) => new Promise((resolve, reject) => {
            const worker = new Worker(new URL('./thread.js', import.meta.url), { workerData: { file, input } });
            worker.once('message', resolve);
            worker.once('error', reject);
          });`,
        'node_modules/runner/thread.js': `
          import { parentPort, workerData } from 'node:worker_threads';
          const { default: task } = await import(workerData.file);
          parentPort.postMessage(await task(workerData.input));`,
      },
      logs: [9],
    },
    {
      title: 'a TypeScript source under its .js name',
      main: `log(await messagesOf(new Worker(new URL('./typed.js', import.meta.url), { workerData: 4 })));`,
      files: {
        'typed.ts': `
          import { parentPort, workerData } from 'node:worker_threads';
          import { double } from './double.js';
          interface Answer { readonly value: number }
          const answer: Answer = { value: double(workerData as number) };
          parentPort!.postMessage(answer.value satisfies number);`,
        'double.ts': `export const double = (value: number): number => value * 2;`,
      },
      logs: [[8]],
    },
    {
      title: 'a TypeScript source under its own name',
      main: `log(await messagesOf(new Worker(new URL('./typed.ts', import.meta.url))));`,
      files: {
        'typed.ts': `import { parentPort } from 'node:worker_threads'; const value: string = 'typed'; parentPort!.postMessage(value);`,
      },
      logs: [['typed']],
    },
    {
      title: 'a TypeScript source of CommonJS, under its .cjs name',
      main: `log(await messagesOf(new Worker(new URL('./typed.cjs', import.meta.url))));`,
      files: {
        'typed.cts': `import threads = require('node:worker_threads'); const value: string = typeof require; threads.parentPort!.postMessage(value);`,
      },
      logs: [['function']],
    },
    {
      title: 'a query and a fragment of the URL are no part of the name',
      main: `log(await messagesOf(new Worker(here('./worker.mjs?part=1#end'))));`,
      worker: `
        import { parentPort } from 'node:worker_threads';
        parentPort.postMessage(import.meta.url.split('/').at(-1));`,
      logs: [['worker.mjs']],
    },
    {
      title: 'names with spaces and other letters',
      main: `
        log(await messagesOf(new Worker(here('./with space/wörker #1%25.mjs'.replace('#', '%23')))));
        log(await messagesOf(new Worker(pathOf('./with%20space/') + 'wörker #1%.mjs')));`,
      files: {
        'with space/wörker #1%.mjs': `
          import path from 'node:path';
          import { parentPort } from 'node:worker_threads';
          import { fileURLToPath } from 'node:url';
          parentPort.postMessage(path.basename(fileURLToPath(import.meta.url)));`,
      },
      logs: [['wörker #1%.mjs'], ['wörker #1%.mjs']],
    },
    {
      title: 'conditions and exports of packages',
      main: `
        log(await messagesOf(start()));
        log(await messagesOf(new Worker(here('./worker.cjs'))));`,
      worker: `
        import { parentPort } from 'node:worker_threads';
        import { kind } from 'dual';
        import { part } from 'dual/part';
        parentPort.postMessage([kind, part]);
        try { await import('dual/lib/hidden.js'); } catch (error) { parentPort.postMessage(error.code); }`,
      files: {
        'worker.cjs': `require('node:worker_threads').parentPort.postMessage([require('dual').kind, require('dual/part').part]);`,
        'node_modules/dual/package.json':
          '{ "name": "dual", "exports": { ".": { "import": "./lib/main.mjs", "require": "./lib/main.cjs" }, "./part": "./lib/part.cjs" } }',
        'node_modules/dual/lib/main.mjs': `export const kind = 'import';`,
        'node_modules/dual/lib/main.cjs': `exports.kind = 'require';`,
        'node_modules/dual/lib/part.cjs': `exports.part = 'part';`,
        'node_modules/dual/lib/hidden.js': ``,
      },
      logs: [[['import', 'part'], 'ERR_PACKAGE_PATH_NOT_EXPORTED'], [['require', 'part']]],
    },
    {
      title: 'a stack names the file and the line of the worker',
      main: `
        const [stack] = await messagesOf(start());
        log(/worker\\.mjs:3:\\d+/.test(stack));`,
      worker: `import { parentPort } from 'node:worker_threads';
        function where() {
          return new Error('here').stack;
        }
        parentPort.postMessage(where());`,
      logs: [true],
    },
    {
      title: 'every way to node:worker_threads leads to the same module',
      main: `
        const { createRequire } = await import('node:module');
        const required = createRequire(import.meta.url)('worker_threads');
        const builtIn = process.getBuiltinModule('node:worker_threads');
        const imported = await import('worker_threads');
        log([required, builtIn, imported, imported.default].map((other) => other.Worker === Worker));
        log(globalThis.MessageChannel === MessageChannel);
        log(await messagesOf(start()));`,
      worker: `
        import { createRequire } from 'node:module';
        import { parentPort, threadId } from 'node:worker_threads';
        const required = createRequire(import.meta.url)('worker_threads');
        const builtIn = process.getBuiltinModule('worker_threads');
        parentPort.postMessage([required, builtIn].map((other) => other.parentPort === parentPort && other.threadId === threadId));`,
      logs: [[true, true, true, true], true, [[true, true]]],
    },
  ],
};
