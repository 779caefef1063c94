import { spawn, type ChildProcess } from 'node:child_process';
import { availableParallelism } from 'node:os';
import process from 'node:process';
import { afterEach, describe, expect, it } from 'vitest';
import { Experiment, replay, scenarioText, summary } from './experiment.js';

const held = { verdict: 'held', message: '' };
const experiment = new Experiment();

/** A writer that has nothing to do. */
const idleWriter = `writers: { count: 1, run() {} },`;

describe('what one execution leaves behind', () => {
  it('module state is fresh in each execution, in every agent', async () => {
    experiment.write(
      'scenarios/counted.ts',
      'export const state = { evaluated: 0 };\nexport let calls = 0;\nexport function call() { return ++calls; }\n',
    );
    const result = await experiment.run({
      before: `import { call, state } from './counted.js';
        let mine = 0;
        const seen = new Set<string>();`,
      fields: `
        writers: {
          count: 2,
          run({ index, store }) {
            state.evaluated++;
            mine++;
            seen.add('writer ' + index);
            Atomics.add(store, 0, 1);
            check(call() === 1 && state.evaluated === 1 && mine === 1 && seen.size === 1, 'a writer met the state of an earlier execution');
          },
        },
        readers: {
          count: 3,
          async run({ index, pause }) {
            mine++;
            seen.add('reader ' + index);
            await pause();
            check(call() <= 3 && mine <= 3 && seen.size <= 3, 'a reader met the state of an earlier execution');
          },
        },`,
    });
    expect(summary(result)).toEqual(held);
  });

  it.each([
    'globalThis',
    'Array.prototype',
    'Object',
    'JSON',
    'Math',
    'Reflect',
    'Atomics',
    'performance',
    'Object.getPrototypeOf(Int8Array.prototype)',
    'process.env',
    'process',
    'Date',
  ])('what is added to %s is gone', async (target) => {
    const edit = `{
      check(!('leaked' in ${target}), 'an earlier execution shows');
      ${target}.leaked = 'yes';
      check(${target}.leaked === 'yes', 'the edit did not take');
    }`;
    const result = await experiment.run({
      fields: `writers: { count: 1, run() ${edit} }, readers: { count: 1, run() ${edit} },`,
    });
    expect(summary(result)).toEqual(held);
  });

  it('what is replaced is put back', async () => {
    const edit = `{
      check(Array.prototype.map.name === 'map', 'Array.prototype.map is an earlier execution\\'s');
      check(JSON.stringify([1]) === '[1]', 'JSON.stringify is an earlier execution\\'s');
      check(Math.max(1, 2) === 2, 'Math.max is an earlier execution\\'s');
      check(typeof globalThis.structuredClone === 'function', 'structuredClone is gone');
      Object.defineProperty(Array.prototype, 'map', { value: () => [], configurable: true, writable: true });
      JSON.stringify = () => 'broken';
      Math.max = () => 7;
      delete (globalThis as Record<string, unknown>).structuredClone;
    }`;
    const result = await experiment.run({
      fields: `writers: { count: 1, run() ${edit} }, readers: { count: 1, run() ${edit} },`,
    });
    expect(summary(result)).toEqual(held);
  });

  it('listeners on process are gone', async () => {
    const listen = `{
      check(process.listenerCount('SIGUSR2') === 0, 'an earlier execution listens');
      check(process.on('SIGUSR2', () => {}).once('exit', () => {}) === process, 'no chaining');
      check(process.listenerCount('SIGUSR2') === 1, 'it does not listen');
    }`;
    const result = await experiment.run({
      fields: `writers: { count: 1, run() ${listen} }, readers: { count: 1, run() ${listen} },`,
    });
    expect(summary(result)).toEqual(held);
  });
});

describe('waiting and time', () => {
  it('a wait of ten minutes times out at once, and ten minutes have passed', async () => {
    const startedAt = performance.now();
    const result = await experiment.run({
      fields: `
        writers: {
          count: 2,
          run({ store, index }) {
            const began = Date.now();
            const clock = performance.now();
            check(Atomics.wait(store, index, 0, 600_000) === 'timed-out', 'woken by nobody');
            check(Date.now() - began >= 600_000, 'Date.now() did not move');
            check(performance.now() - clock >= 600_000, 'performance.now() did not move');
          },
        },`,
    });
    expect(summary(result)).toEqual(held);
    expect(performance.now() - startedAt).toBeLessThan(60_000);
  });

  it('a waitAsync is settled by a notify, its time-out, or at once', async () => {
    const result = await experiment.run({
      fields: `
        writers: {
          count: 1,
          run({ store }) {
            while (Atomics.notify(store, 0) === 0) Atomics.wait(store, 3, 0, 1);
          },
        },
        readers: {
          count: 1,
          async run({ store }) {
            const notified = Atomics.waitAsync(store, 0, 0);
            check(notified.async === true && (await notified.value) === 'ok', 'not notified');
            const late = Atomics.waitAsync(store, 1, 0, 5_000);
            check(late.async === true && (await late.value) === 'timed-out', 'not timed out');
            const different = Atomics.waitAsync(store, 2, 9);
            check(different.async === false && different.value === 'not-equal', 'equal');
            const now = Atomics.waitAsync(store, 2, 0, 0);
            check(now.async === false && now.value === 'timed-out', 'waited');
          },
        },`,
    });
    expect(summary(result)).toEqual(held);
  });

  it('an interval polls until what it polls for is there', async () => {
    const result = await experiment.run({
      fields: `
        writers: { count: 1, run({ store }) { Atomics.wait(store, 1, 0, 50); Atomics.store(store, 0, 1); } },
        readers: {
          count: 1,
          async run({ store }) {
            let polls = 0;
            await new Promise<void>((resolve) => {
              const timer = setInterval(() => {
                polls++;
                if (Atomics.load(store, 0) === 0) return;
                clearInterval(timer);
                resolve();
              }, 10);
            });
            check(polls >= 1, 'resolved without a poll');
          },
        },`,
    });
    expect(summary(result)).toEqual(held);
  });

  it('AbortSignal.timeout aborts in virtual time', async () => {
    const result = await experiment.run({
      before: `import { setTimeout as sleep } from 'node:timers/promises';`,
      fields: `${idleWriter}
        readers: {
          count: 1,
          async run() {
            const signal = AbortSignal.timeout(300_000);
            check(signal instanceof AbortSignal && !signal.aborted, 'aborted early');
            const began = Date.now();
            let error: unknown;
            try { await sleep(3_600_000, undefined, { signal }); } catch (caught) { error = caught; }
            check(error instanceof Error && error.name === 'AbortError', 'the sleep was not aborted: ' + String(error));
            const slept = Date.now() - began;
            check(slept >= 299_999 && slept < 3_600_000, 'slept ' + slept);
            check(signal.reason?.name === 'TimeoutError', 'the reason: ' + String(signal.reason));
          },
        },`,
    });
    expect(summary(result)).toEqual(held);
  });

  it('clocks and random numbers are part of the execution, and replay with it', async () => {
    const result = await experiment.run(
      {
        before: `import { randomUUID } from 'node:crypto';`,
        fields: `
        writers: { count: 2, run({ history }) { history.read(Math.random()); history.read(Date.now()); } },
        readers: {
          count: 1,
          async run({ history, pause }) {
            history.read(Math.random());
            await pause();
            history.read(performance.now());
            history.read(Number.parseInt(randomUUID().slice(0, 8), 16));
            history.read(Number.parseInt(crypto.randomUUID().slice(0, 8), 16));
            history.read(crypto.getRandomValues(new Uint32Array(1))[0]);
            history.read(Number(process.hrtime.bigint()));
            history.read(new Date().getTime());
            history.read(new Event('x').timeStamp);
          },
        },
        invariants: [invariant('never ends well', ({ final }) => !final)],
        expect: 'violation',`,
      },
      { save: true },
    );
    expect(summary(result).verdict).toBe('violation');
    const { traceHash, trace } = experiment.saved(result);
    expect(trace.filter(({ operation }) => operation === 'history.read')).toHaveLength(12);
    const outcome = await replay({
      projectDirectory: experiment.project,
      file: result.counterexample?.file ?? '',
      times: 20,
    });
    expect(outcome).toMatchObject({ agreeing: 20, traceHashes: [{ traceHash, count: 20 }] });
    expect(outcome.replayed?.trace).toEqual(trace);
  });
});

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

describe('programs that end badly', () => {
  const readerThat = (body: string): string => `${idleWriter} readers: { count: 1, async run() { ${body} } },`;
  const writerThat = (body: string): string => `writers: { count: 1, async run({ store }) { void store; ${body} } },`;

  it.each([
    ['process.exit in a writer', writerThat('process.exit(3);'), /^process\.exit\(3\) was called$/],
    ['process.exit in a reader', readerThat('process.exit();'), /^process\.exit\(\) was called$/],
    ['an uncaught error', writerThat(`throw new TypeError('broken');`), /^TypeError: broken$/],
    ['something thrown that is no error', writerThat(`throw 'words';`), /words/],
    [
      'unbounded recursion in a writer',
      writerThat('const f = (): number => 1 + f(); f();'),
      /^RangeError: Maximum call stack/,
    ],
    [
      'unbounded recursion in a reader',
      readerThat('const f = (): number => 1 + f(); f();'),
      /^RangeError: Maximum call stack/,
    ],
    [
      'a rejection nobody handles, in a writer',
      writerThat(`void Promise.reject(new Error('unseen'));`),
      /^Error: unseen$/,
    ],
    [
      'a rejection nobody handles, in a reader',
      readerThat(`void Promise.reject(new Error('unseen')); await null;`),
      /^Error: unseen$/,
    ],
    [
      'an error in a timer',
      readerThat(`setTimeout(() => { throw new Error('later'); }, 5); await new Promise(() => {});`),
      /^Error: later$/,
    ],
    [
      'an error in a microtask',
      readerThat(`queueMicrotask(() => { throw new Error('soon'); }); await null;`),
      /^Error: soon$/,
    ],
    [
      'an error in process.nextTick',
      writerThat(`process.nextTick(() => { throw new Error('next'); }); await null;`),
      /^Error: next$/,
    ],
    [
      'a worker out of memory',
      `limits: { workerHeapMiB: 24 }, ${writerThat('const kept: number[][] = []; for (;;) kept.push(new Array(10_000).fill(kept.length + 0.5));')}`,
      /^writer 0 ran out of memory \(limits\.workerHeapMiB is 24\)$/,
    ],
  ])('%s is a crash', async (_, fields, message) => {
    const result = await experiment.run({ fields }, { runs: 20 });
    expect(summary(result)).toEqual({ verdict: 'crash', message: expect.stringMatching(message) as string });
  });

  it('a loop without a scheduling point is a hang that names its last one', async () => {
    const result = await experiment.run(
      {
        fields: `limits: { hangTimeoutMs: 200 }, writers: { count: 1, run({ store }) { Atomics.load(store, 0); for (;;); } },`,
      },
      { runs: 5 },
    );
    expect(summary(result)).toEqual({
      verdict: 'hang',
      message: expect.stringMatching(
        /^writer 0 reached no scheduling point for 200 ms .*experiment-\d+\.scenario\.ts:\d+:\d+$/,
      ) as string,
    });
  });

  it.each([
    ['fetch', readerThat(`await fetch('http://127.0.0.1:45999/');`), /node:net/],
    [
      'fs.promises',
      readerThat(`const { readFile } = await import('node:fs/promises'); await readFile('/etc/hostname');`),
      /node:fs\/promises/,
    ],
    [
      'node:fs with a callback',
      readerThat(
        `const { readFile } = await import('node:fs'); await new Promise((resolve) => readFile('/etc/hostname', resolve));`,
      ),
      /node:fs/,
    ],
    [
      'dns',
      readerThat(`const { lookup } = await import('node:dns/promises'); await lookup('localhost');`),
      /dns\.lookup/,
    ],
    [
      'new Worker',
      readerThat(`const { Worker } = await import('node:worker_threads'); new Worker('1', { eval: true });`),
      /new Worker\(\)/,
    ],
    [
      'zlib',
      readerThat(`const { gzip } = await import('node:zlib'); await new Promise((resolve) => gzip('x', resolve));`),
      /zlib\.gzip/,
    ],
    [
      'crypto.subtle',
      readerThat(`await crypto.subtle.digest('SHA-256', new Uint8Array(1));`),
      /crypto\.subtle\.digest/,
    ],
    [
      'random bytes with a callback',
      readerThat(
        `const { randomBytes } = await import('node:crypto'); await new Promise((resolve) => randomBytes(4, resolve));`,
      ),
      /crypto\.randomBytes with a callback/,
    ],
    [
      'WebAssembly',
      readerThat('await WebAssembly.compile(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]));'),
      /WebAssembly\.compile/,
    ],
    [
      'fs.promises in a writer',
      writerThat(`const { readFile } = await import('node:fs/promises'); await readFile('/etc/hostname');`),
      /node:fs\/promises/,
    ],
    [
      'a child process',
      readerThat(
        `const { exec } = await import('node:child_process'); await new Promise((resolve) => exec('true', resolve));`,
      ),
      /node:child_process/,
    ],
  ])('waiting for %s is uncontrolled, by name', async (_, fields, message) => {
    const result = await experiment.run({ fields }, { runs: 20 });
    expect(summary(result)).toEqual({ verdict: 'uncontrolled', message: expect.stringMatching(message) as string });
  });

  it('code that swallows every exception in a spin loop gets a verdict, and the run goes on', async () => {
    experiment.write(
      'scenarios/swallow/a.scenario.ts',
      scenarioText('swallows', {
        fields: `
          limits: { hangTimeoutMs: 300, stepsWithoutProgress: 500 },
          writers: { count: 2, run({ store }) { for (;;) { try { Atomics.load(store, 0); } catch { /* on and on */ } } } },
          readers: { count: 1, run() { throw new Error('over'); } },
          expect: 'crash',`,
      }),
    );
    experiment.write(
      'scenarios/swallow/b.scenario.ts',
      scenarioText('after it', { fields: `writers: { count: 2, run({ store }) { Atomics.add(store, 0, 1); } },` }),
    );
    const first = await experiment.runFile('scenarios/swallow/a.scenario.ts', { runs: 5 });
    expect(['crash', 'hang', 'livelock']).toContain(first.verdict);
    const second = await experiment.runFile('scenarios/swallow/b.scenario.ts', { runs: 50 });
    expect(second).toMatchObject({ verdict: 'held', executions: 50 });
  });

  it('says who waits where in a deadlock', async () => {
    const result = await experiment.run({
      fields: `
        writers: { count: 2, run({ store, index }) { if (index === 1) Atomics.wait(store, 2, 0); } },
        readers: { count: 2, async run({ index }) { if (index === 0) await new Promise(() => {}); } },
        expect: 'deadlock',`,
    });
    const { verdict, message } = summary(result);
    expect(verdict).toBe('deadlock');
    const file = result.file.replaceAll('.', '\\.');
    expect(message).toMatch(
      new RegExp(`^writer 1 waits in Atomics\\.wait on #0, byte 8, since ${file}:\\d+:\\d+$`, 'm'),
    );
    expect(message).toMatch(/^1 of the readers await what nobody settles/m);
    expect(message).not.toContain('writer 0');
  });

  it('prints the loop of a livelock', async () => {
    const result = await experiment.run(
      {
        fields: `
        limits: { stepsWithoutProgress: 300 },
        writers: { count: 1, run({ store }) { while (Atomics.load(store, 1) === 0 && store[3] === 0); } },
        expect: 'livelock',`,
      },
      { runs: 5 },
    );
    const { verdict, message } = summary(result);
    expect(verdict).toBe('livelock');
    const [head, ...loop] = message.split('\n');
    expect(head).toBe('300 steps brought nothing new (limits.stepsWithoutProgress); this repeats:');
    expect(loop.map((line) => line.replace(/ at .*/, ''))).toEqual(
      expect.arrayContaining(['  writer 0: Atomics.load #0[1] 0', '  writer 0: read #0[3] 0']),
    );
    expect(loop).toHaveLength(2);
  });
});

describe('npm packages', () => {
  it('are instrumented, and evaluated once per agent', async () => {
    experiment.write(
      'node_modules/tiny-counter/package.json',
      '{ "name": "tiny-counter", "version": "1.0.0", "main": "index.js" }',
    );
    experiment.write(
      'node_modules/tiny-counter/index.js',
      'let calls = 0;\nexports.increment = (words) => { calls++; words[0]++; };\n',
    );
    const result = await experiment.run(
      {
        before: `import { increment } from 'tiny-counter';`,
        fields: `
          writers: { count: 2, run({ store }) { increment(store); } },
          invariants: [invariant('both counted', ({ store, final }) => !final || store[0] === 2)],
          expect: 'violation',`,
      },
      { runs: 500, save: true },
    );
    expect(result).toMatchObject({ verdict: 'violation', counterexample: { preemptions: 1 } });
    const sites = experiment.saved(result).trace.map(({ site }) => site?.file);
    expect(sites).toContain('node_modules/tiny-counter/index.js');
  });
});

const lostUpdate = {
  before: `import fc from 'fast-check';`,
  fields: `
    params: { increments: fc.integer({ min: 1, max: 5 }) },
    writers: {
      count: fc.integer({ min: 2, max: 4 }),
      run({ store, params }) {
        for (let i = 0; i < params.increments; i++) Atomics.store(store, 0, Atomics.load(store, 0) + 1);
      },
    },
    readers: { count: 2, async run({ store, pause }) { Atomics.load(store, 0); await pause(); Atomics.load(store, 0); } },
    invariants: [invariant('all counted', ({ store, final, history }) => !final || history.length > 0 || store[0] === store[1] || (store[0] ?? 0) % 2 === 0)],
    expect: 'violation',`,
};

describe('reproducing', () => {
  const burners: ChildProcess[] = [];
  afterEach(() => {
    for (const burner of burners.splice(0)) burner.kill('SIGKILL');
  });

  it('the same seed and path give the trace that was saved', async () => {
    const result = await experiment.run(lostUpdate, { runs: 2_000, save: true });
    const saved = experiment.saved(result);
    expect(saved.preemptions).toBeLessThanOrEqual(1);
    const again = await experiment.runFile(result.file, { seed: saved.seed, path: saved.path });
    expect(again.counterexample).toMatchObject({ traceHash: saved.traceHash, steps: saved.steps });
  });

  it.each([
    ['on a quiet machine', 0],
    ['while every core is kept busy', availableParallelism()],
  ])('fifty replays agree %s', async (_, busy) => {
    const result = await experiment.run(lostUpdate, { runs: 2_000, save: true });
    const saved = experiment.saved(result);
    for (let index = 0; index < busy; index++)
      burners.push(spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' }));
    const outcome = await replay({
      projectDirectory: experiment.project,
      file: result.counterexample?.file ?? '',
      times: 50,
    });
    expect(outcome).toMatchObject({ agreeing: 50, traceHashes: [{ traceHash: saved.traceHash, count: 50 }] });
  });
});
