import path from 'node:path';
import process from 'node:process';
import { describe, expect, it } from 'vitest';
import { Experiment, summary } from './experiment.js';

const experiment = new Experiment();
const held = { verdict: 'held', message: '' };
const stress = { engine: 'stress', stress: { profile: 'quick' }, runs: undefined } as const;

function writePackage(name: string, code: string): void {
  experiment.write(`node_modules/${name}/package.json`, JSON.stringify({ name, version: '1.0.0', main: 'index.js' }));
  experiment.write(`node_modules/${name}/index.js`, code);
}

describe('under stress, what a package keeps for the next execution', () => {
  it('goes on: its thread, and its channel to it', async () => {
    writePackage(
      'answering-thread',
      `const { MessageChannel, Worker, receiveMessageOnPort } = require('node:worker_threads');
       let known;
       function start() {
         const { port1, port2 } = new MessageChannel();
         const counter = new Int32Array(new SharedArrayBuffer(4));
         const code = "const { workerData: { port, counter } } = require('node:worker_threads');" +
           "port.on('message', (value) => { port.postMessage(value + 1); Atomics.add(counter, 0, 1); Atomics.notify(counter, 0); });";
         new Worker(code, { eval: true, workerData: { port: port2, counter }, transferList: [port2] }).unref();
         return { port: port1, counter };
       }
       exports.next = (value) => {
         const { port, counter } = (known ??= start());
         const before = Atomics.load(counter, 0);
         port.postMessage(value);
         Atomics.wait(counter, 0, before);
         return receiveMessageOnPort(port).message;
       };`,
    );
    const result = await experiment.run(
      {
        before: `import { next } from 'answering-thread';`,
        fields: `writers: { count: 1, run() { check(next(1) === 2, 'a writer has no answer'); } },
          readers: { count: 1, async run({ pause }) { await pause(); check(next(2) === 3, 'a reader has no answer'); } },`,
      },
      stress,
    );
    expect(summary(result)).toEqual(held);
    expect(result.executions).toBeGreaterThan(1);
  });

  it('goes on: a channel both ends of which it has', async () => {
    writePackage(
      'turn-of-the-loop',
      `const { port1, port2 } = new MessageChannel();
       const waiting = [];
       port2.on('message', () => waiting.shift()());
       port2.unref();
       exports.turn = () => new Promise((resolve) => { waiting.push(resolve); port2.ref(); port1.postMessage(0); });`,
    );
    const result = await experiment.run(
      {
        before: `import { turn } from 'turn-of-the-loop';`,
        fields: `writers: { count: 1, async run() { await turn(); } }, readers: { count: 1, async run() { await turn(); await turn(); } },`,
      },
      stress,
    );
    expect(summary(result)).toEqual(held);
  });
});

/** The program sees the environment in which these tests run. */
const given = JSON.stringify(Object.keys(process.env));

const lookAtProcess = `{
  check(JSON.stringify(process.execArgv) === '[]', 'execArgv is ' + process.execArgv.join(' '));
  check(process.argv.length === 2 && process.argv[1] === __filename, 'argv is ' + process.argv.join(' '));
  const { send, disconnect, connected, channel } = process;
  check([send, disconnect, connected, channel].every((way) => way === undefined), 'there is a way to a parent');
  check(!('gc' in globalThis), 'there is gc');
  check(!Object.keys(process.env).some((name) => name.startsWith('THREADMILL_') && !${given}.includes(name)), 'the environment tells');
}`;

describe('the command line that a program sees', () => {
  it.each([
    ['controlled', {}],
    ['stress', stress],
  ] as const)('is its own, in all agents: %s', async (_, options) => {
    const result = await experiment.run(
      {
        before: `import { fileURLToPath } from 'node:url'; const __filename = fileURLToPath(import.meta.url);`,
        fields: `writers: { count: 1, run() ${lookAtProcess} }, readers: { count: 1, run() ${lookAtProcess} },`,
      },
      options,
    );
    expect(summary(result)).toEqual(held);
  });

  it('is what its threads and child processes get', async () => {
    experiment.write(
      'child.cjs',
      `const { isMainThread, parentPort, workerData } = require('node:worker_threads');
       const seen = process.execArgv.length + (typeof gc === 'undefined' ? 0 : 1);
       if (isMainThread) process.send(seen); else parentPort.postMessage(seen);`,
    );
    const child = JSON.stringify(path.join(experiment.project, 'child.cjs'));
    const result = await experiment.run(
      {
        before: `import { fork } from 'node:child_process'; import { once } from 'node:events'; import { Worker } from 'node:worker_threads';`,
        fields: `writers: { count: 1, run() {} }, readers: { count: 1, async run() {
            const worker = new Worker(${child}, { execArgv: process.execArgv });
            check((await once(worker, 'message'))[0] === 0, 'a thread is started with options');
            check((await once(fork(${child}), 'message'))[0] === 0, 'a process is started with options');
          } }, stress: () => ({}),`,
      },
      stress,
    );
    expect(summary(result)).toEqual(held);
  });
});

describe('what stress hands to the controlled engine', () => {
  it('is given up at once where the schedule does not decide', async () => {
    const result = await experiment.run(
      {
        before: `import { readFile } from 'node:fs/promises';`,
        fields: `writers: { count: 1, run() {} }, readers: { count: 1, async run() { await readFile('/dev/null'); throw new Error('no good'); } }, expect: 'crash',`,
      },
      stress,
    );
    expect(result).toMatchObject({ verdict: 'crash', stress: { followUp: { found: false } } });
    expect(result.stress?.followUp?.executions).toBeLessThan(300);
  });
});

describe('contexts of earlier executions', () => {
  it.each([
    ['controlled', {}],
    ['stress', stress],
  ] as const)('cost nothing in later ones, and those of packages serve on: %s', async (_, options) => {
    writePackage(
      'contexts',
      `const { AsyncLocalStorage } = require('node:async_hooks');
       let execution;
       exports.begin = () => (execution = {});
       exports.isCurrent = (one) => one === execution;
       exports.kept = new AsyncLocalStorage();
       exports.make = () => new AsyncLocalStorage();`,
    );
    const result = await experiment.run(
      {
        before: `import { AsyncLocalStorage } from 'node:async_hooks'; import { begin, isCurrent, kept, make } from 'contexts';
          const mine = begin();
          let asked = 0;
          const contexts = [new AsyncLocalStorage<number>(), make() as AsyncLocalStorage<number>];
          // What Node calls, where it keeps a list of them, on each enabled one for each promise.
          for (const context of contexts) Object.defineProperty(context, '_propagate', { value: () => {
            asked++;
            check(isCurrent(mine), 'a context of an earlier execution is asked');
          } });
          async function use() {
            check((kept as AsyncLocalStorage<number>).getStore() === undefined, 'a package\\'s context holds what was entered before');
            for (const context of contexts) await context.run(1, () => Promise.resolve());
            check((kept as AsyncLocalStorage<number>).run(2, () => (kept as AsyncLocalStorage<number>).getStore()) === 2, 'a package\\'s context is out of order');
            (kept as AsyncLocalStorage<number>).enterWith(3);
          }`,
        fields: `writers: { count: 1, run: use }, readers: { count: 1, run: use },`,
      },
      options,
    );
    expect(summary(result)).toEqual(held);
  });
});
