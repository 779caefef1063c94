import { describe, expect, it } from 'vitest';
import { Experiment, summary } from './experiment.js';

/*
 * Programs for which an engine might easily give a false verdict: that they cannot end, that a wake-up was lost, or that
 * they hold. The expected verdict is what Node does with each.
 */

const experiment = new Experiment();
const idleWriter = 'writers: { count: 1, run() {} },';
const wait = (milliseconds: number): string =>
  `await new Promise<void>((resolve) => setTimeout(resolve, ${milliseconds}));`;

const verdicts: readonly [what: string, verdict: string, fields: string, before?: string][] = [
  [
    'writers that stay busy until a reader wakes from its sleep end',
    'held',
    `writers: { count: 2, run({ store }) { while (Atomics.load(store, 0) === 0) Atomics.add(store, 1, 1); } },
     readers: { count: 1, async run({ store }) { ${wait(10)} Atomics.store(store, 0, 1); } },`,
  ],
  [
    'polling by immediates ends when a timer of the same loop fires',
    'held',
    `writers: { count: 1, async run() {
       let done = false;
       setTimeout(() => { done = true; }, 10);
       while (!done) await new Promise<void>((resolve) => { setImmediate(resolve); });
     } },`,
  ],
  [
    'polling by pauses ends when a timer of the same loop fires',
    'held',
    `${idleWriter}
     readers: { count: 1, async run({ pause }) {
       let done = false;
       setTimeout(() => { done = true; }, 10);
       while (!done) await pause();
     } },`,
  ],
  [
    'work for a second of the clock ends',
    'held',
    `writers: { count: 1, run({ store }) {
       const end = performance.now() + 1_000;
       while (performance.now() < end) Atomics.add(store, 1, 1);
     } },`,
  ],
  [
    'reading the same large array again and again is no livelock',
    'held',
    `writers: { count: 1, run() {
       const large = new Int32Array(new SharedArrayBuffer(80_000));
       let sum = 0;
       for (let pass = 0; pass < 8; pass++) for (let index = 0; index < 20_000; index++) sum += large[index]!;
       check(sum === 0, 'nobody wrote');
     } },`,
  ],
  [
    'a clone of the store is the same memory to wait and notify',
    'held',
    `writers: { count: 1, run({ store }) { Atomics.wait(store, 0, 0); } },
     readers: { count: 1, run({ store }) {
       const clone = structuredClone(store);
       Atomics.store(clone, 0, 1);
       Atomics.notify(clone, 0);
     } },`,
  ],
  [
    'a port that closes itself delivers nothing more',
    'held',
    `${idleWriter}
     readers: { count: 1, async run() {
       const { port1, port2 } = new MessageChannel();
       port2.on('message', () => { throw new Error('delivered to a closed port'); });
       port1.postMessage(1);
       port2.close();
       ${wait(5)}
     } },`,
  ],
  [
    'a message event carries its ports, and calls a listener once however often it was added',
    'held',
    `${idleWriter}
     readers: { count: 1, async run() {
       const { port1, port2 } = new MessageChannel();
       const other = new MessageChannel();
       let calls = 0;
       await new Promise<void>((resolve) => {
         const listener = (event: { ports: readonly unknown[] }): void => {
           calls++;
           check(event.ports.length === 1, 'the port that came with the message');
           setImmediate(resolve);
         };
         port2.addEventListener('message', listener as never);
         port2.addEventListener('message', listener as never);
         port1.postMessage(other.port1, [other.port1]);
       });
       check(calls === 1, 'one listener, one call');
     } },`,
  ],
  [
    'a timer runs in the asynchronous context in which it was set',
    'held',
    `${idleWriter}
     readers: { count: 1, async run() {
       const storage = new AsyncLocalStorage<number>();
       const seen = await new Promise((resolve) => {
         storage.run(7, () => setTimeout(() => { resolve(storage.getStore()); }, 1));
       });
       check(seen === 7, 'the context');
     } },`,
    "import { AsyncLocalStorage } from 'node:async_hooks';",
  ],
  [
    'a program that hears of its own rejections goes on',
    'held',
    `writers: { count: 1, async run() {
       let heard = 0;
       process.once('unhandledRejection', () => { heard++; });
       void Promise.reject(new Error('on purpose'));
       ${wait(1)}
       check(heard === 1, 'the listener was called');
     } },`,
  ],
  [
    'what a program does to its parameters is gone in the next execution',
    'held',
    `params: { items: fc.constant([1, 2, 3]) },
     ${idleWriter}
     readers: { count: 1, run({ params }) { check(params.items.splice(0).length === 3, 'a used-up parameter'); } },`,
    "import fc from 'fast-check';",
  ],
  [
    'a coroutine that can go on does, whatever else the loop waits for',
    'held',
    `${idleWriter}
     readers: { count: 1, run({ store, pause }) {
       setInterval(() => undefined, 1_000);
       void (async () => { await pause(); Atomics.store(store, 0, 1); })();
     } },
     invariants: [invariant<Int32Array>('done', ({ store, final }) => !final || store[0] === 1)],`,
  ],
  [
    'callbacks that are left when an execution ends do not run in the next',
    'crash',
    `${idleWriter}
     readers: { count: 1, run({ store }) {
       for (let tick = 0; tick < 8; tick++) process.nextTick(() => { Atomics.add(store, 0, 1); });
       throw new Error('on purpose');
     } },`,
  ],
  [
    'a thread that waits for ever after its writer has finished is no good end',
    'deadlock',
    'writers: { count: 1, run({ store }) { setTimeout(() => { Atomics.wait(store, 0, 0); }, 1); } },',
  ],
  [
    'an invariant that does not come back is not one that holds',
    'hang',
    `${idleWriter}
     limits: { hangTimeoutMs: 300 },
     invariants: [invariant<Int32Array>('endless', ({ final }) => { while (final); return true; })],`,
  ],
  [
    'a history that replays do not repeat is not under control',
    'uncontrolled',
    `${idleWriter}
     readers: { count: 1, run({ history }) { history.read({ used: process.memoryUsage().rss + process.resourceUsage().userCPUTime }); } },
     invariants: [invariant<Int32Array>('never', ({ final }) => !final)],`,
  ],
];

describe('no untrue verdict', () => {
  it.each(verdicts)('%s', async (_what: string, verdict: string, fields: string, before?: string) => {
    const result = await experiment.run({ fields, ...(before === undefined ? {} : { before }) });
    expect(summary(result)).toMatchObject({ verdict });
  });

  it.each(['pct', 'pos', 'preemptions'] as const)(
    'a writer waits for another that does much, with %s',
    async (strategy) => {
      const fields = `writers: { count: 2, run({ store, index }) {
      if (index === 0) while (Atomics.load(store, 1) === 0) Atomics.add(store, 0, 1);
      else { for (let step = 0; step < 400; step++) Atomics.add(store, 0, 1); Atomics.store(store, 1, 1); }
    } },`;
      const result = await experiment.run({ fields }, { runs: 100, seed: 1, strategy });
      expect(summary(result)).toMatchObject({ verdict: 'held' });
    },
  );

  it('shared WebAssembly memory is one memory to all agents', async () => {
    experiment.write(
      'scenarios/memory.scenario.ts',
      `import { scenario } from 'threadmill';
       export default scenario({
         name: 'memory',
         store: () => new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true }),
         writers: { count: 1, run({ store }) { Atomics.wait(new Int32Array(store.buffer), 0, 0); } },
         readers: { count: 1, run({ store }) {
           const words = new Int32Array(store.buffer);
           Atomics.store(words, 0, 1);
           Atomics.notify(words, 0);
         } },
       });`,
    );
    expect(summary(await experiment.runFile('scenarios/memory.scenario.ts'))).toMatchObject({ verdict: 'held' });
  });
});
