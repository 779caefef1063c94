import * as fastCheck from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { ExecutionResult } from '../../harness/engine/execution-result.js';
import { defaultLimits } from '../../harness/scenario/limits.js';
import { maximumWalkPlaces, type Schedule } from '../../harness/schedule/schedule.js';
import { inMacrotask, startBuiltEngine, type BuiltEngine } from './built-engine.js';
import { Experiment, scenarioText, summary } from './experiment.js';

/*
 * Livelocks are found by their lack of progress. These are loops with all kinds of waiting in all combinations that never
 * end, and the same loops with progress of some kind, which end.
 */

const fc = fastCheck;

/** What a loop does in each round; `ms` is how long it waits. */
const waitingStep = fc.oneof(
  fc.record({ kind: fc.constantFrom('sleep', 'wait', 'waitAsync'), ms: fc.constantFrom(1, 2, 5, 10) }),
  fc.constantFrom({ kind: 'immediate', ms: 0 }, { kind: 'post', ms: 0 }),
);
const lookingStep = fc.constantFrom(...['load', 'lock', 'poll', 'store', 'clear'].map((kind) => ({ kind, ms: 0 })));
const body = fc
  .tuple(
    fc.array(lookingStep, { maxLength: 2 }),
    waitingStep,
    fc.array(fc.oneof(waitingStep, lookingStep), { maxLength: 2 }),
  )
  .map(([before, step, after]) => [...before, step, ...after]);

const nowhere = fc.record({ body, end: fc.constant({ kind: 'never', amount: 0 }) });
/** Private counts must stay below an eighth of `waits`. Visible ones may exceed it. */
const waits = 800;
/** Each round has a timeout, so that no loop keeps others on its event loop from continuing in time. */
const gettingOn = fc.record({
  body: body.map((steps) => [...steps, { kind: 'sleep', ms: 1 }]),
  end: fc.oneof(
    fc.record({ kind: fc.constant('count'), amount: fc.integer({ min: 1, max: 15 }) }),
    fc.record({ kind: fc.constantFrom('shared', 'message'), amount: fc.integer({ min: 1, max: 1_200 }) }),
    fc.record({ kind: fc.constantFrom('time', 'timer'), amount: fc.integer({ min: 1, max: 4_000 }) }),
    fc.record({ kind: fc.constantFrom('random', 'backoff', 'others'), amount: fc.constant(0) }),
  ),
});
interface Loop {
  readonly body: readonly { readonly kind: string; readonly ms: number }[];
  readonly end: { readonly kind: string; readonly amount: number };
}

const schedule: fastCheck.Arbitrary<Schedule> = fc.record({
  order: fc.array(fc.nat({ max: 3 }), { maxLength: 3 }),
  preemptions: fc
    .array(fc.record({ step: fc.nat({ max: 2_000 }), to: fc.nat({ max: 3 }) }), { maxLength: 8 })
    .map((drawn) => drawn.sort((left, right) => left.step - right.step)),
  choices: fc.array(fc.nat({ max: 4 }), { maxLength: 40 }),
  randomSeed: fc.nat(),
});

/** Performs programs: a list of loops for each agent, the main agent's first. */
const interpreter = scenarioText('loops', {
  before: `
    import { setImmediate as immediate, setTimeout as sleep } from 'node:timers/promises';
    import { receiveMessageOnPort } from 'node:worker_threads';
    interface Step { readonly kind: string; readonly ms: number }
    interface Loop { readonly body: readonly Step[]; readonly end: { readonly kind: string; readonly amount: number } }
    async function go(loop: Loop, store: Int32Array, slot: number, finite: number) {
      const { port1, port2 } = new MessageChannel();
      const send = (content: unknown) => new Promise((resolve) => { port2.once('message', resolve); port1.postMessage(content); });
      const unused = new MessageChannel().port1;
      const start = loop.end.kind === 'time' ? Date.now() : 0;
      let rounds = 0;
      let isDue = false;
      if (loop.end.kind === 'timer') setTimeout(() => { isDue = true; }, loop.end.amount);
      for (;;) {
        for (const { kind, ms } of loop.body) {
          if (kind === 'sleep') await sleep(ms);
          else if (kind === 'wait') Atomics.wait(store, 1, 0, ms);
          else if (kind === 'waitAsync') { const { value } = Atomics.waitAsync(store, 1, 0, ms); await value; }
          else if (kind === 'immediate') await immediate();
          else if (kind === 'post') await send({ nothing: 'new' });
          else if (kind === 'load') Atomics.load(store, 1);
          else if (kind === 'store') store[2] = slot;
          else if (kind === 'clear') store[2] = 0;
          else if (kind === 'poll') receiveMessageOnPort(unused);
          else if (Atomics.compareExchange(store, 3, 0, 1) === 0) Atomics.store(store, 3, 0);
        }
        rounds++;
        const { kind, amount } = loop.end;
        if (kind === 'count' && rounds >= amount) break;
        if (kind === 'shared' && Atomics.add(store, slot, 1) >= amount) break;
        if (kind === 'message' && (await send({ rounds })) !== undefined && rounds >= amount) break;
        if (kind === 'time' && Date.now() - start >= amount) break;
        if (kind === 'timer' && isDue) break;
        if (kind === 'random' && Math.random() < 0.01) break;
        if (kind === 'backoff') { await sleep(2 ** rounds); if (rounds > 12) break; }
        if (kind === 'others' && Atomics.load(store, 0) === finite) break;
      }
      if (loop.end.kind !== 'others') Atomics.add(store, 0, 1);
    }
    const perform = (programs: readonly (readonly Loop[])[], agent: number, store: Int32Array) => {
      const finite = programs.flat().filter(({ end }) => end.kind !== 'others').length;
      return Promise.all((programs[agent] ?? []).map((loop, place) => go(loop, store, 4 + agent * 4 + place, finite)));
    };`,
  fields: `
    params: { programs: fc.constant([] as readonly (readonly Loop[])[]) },
    writers: { count: 2, async run({ store, index, params }) { await perform(params.programs, index + 1, store); } },
    readers: { count: 1, async run({ store, params }) { await perform(params.programs, 0, store); } },`,
})
  .replace('SharedArrayBuffer(16)', 'SharedArrayBuffer(64)')
  .replace('import {', "import fc from 'fast-check';\nimport {");

const experiment = new Experiment();

describe('whatever waits in whatever way', () => {
  let engine: BuiltEngine;

  beforeAll(async () => {
    engine = await startBuiltEngine(experiment, interpreter, {
      ...defaultLimits,
      waitsWithoutProgress: waits,
      stepsWithoutProgress: 20_000,
    });
  });

  const resultOf = (programs: readonly (readonly Loop[])[], drawn: Schedule): Promise<ExecutionResult> =>
    inMacrotask(() => {
      const params = { programs: structuredClone(programs) };
      engine.execute({ writers: 2, readers: 1, params, schedule: drawn }, 0);
      return engine.executionResult(false);
    });
  const programsOf = (loop: fastCheck.Arbitrary<Loop>): fastCheck.Arbitrary<Loop[][]> =>
    fc
      .array(fc.array(loop, { maxLength: 2 }), { minLength: 1, maxLength: 3 })
      .filter((programs) => programs.some((loops) => loops.length > 0));

  it('and never does anything new is a livelock, and found by its waits long before limits.steps', async () => {
    await fc.assert(
      fc.asyncProperty(programsOf(nowhere), schedule, async (programs, drawn) => {
        const { verdict, failure, steps } = await resultOf(programs, drawn);
        expect({ verdict, livelock: failure?.livelock }).toMatchObject({
          verdict: 'livelock',
          livelock: { limit: 'waitsWithoutProgress', count: 800 },
        });
        // Most take some thousands. If one agent is always busy, timeouts of the others are rare: one in a hundred of these
        // programs takes more than a tenth of the limit.
        expect(steps).toBeLessThan(defaultLimits.steps / 2);
      }),
      { numRuns: 12, endOnFailure: true },
    );
  });

  it('and is scheduled by a random walk gives the same trace by what the walk decided', async () => {
    const walk = fc.record({
      seed: fc.integer(),
      weights: fc.array(fc.nat({ max: 50 }), { maxLength: 3 }),
      // Which of the places that the program has been seen to use, as bits.
      places: fc.nat({ max: 255 }),
      gap: fc.integer({ min: 0, max: 9 }),
    });
    const patience = fc.constantFrom(undefined, 30, 3_000);
    let preempted = 0;
    await fc.assert(
      fc.asyncProperty(programsOf(gettingOn), schedule, walk, patience, async (programs, drawn, walked, patient) => {
        await resultOf(programs, drawn);
        const used = [...new Set(engine.profiled(2_000).map(({ place }) => place))].filter((place) => place !== 0);
        const places = used.filter((_, index) => (walked.places >> (index % 8)) % 2 === 1).slice(0, maximumWalkPlaces);
        const given = { ...drawn, preemptions: [], choices: [], patience: patient, walk: { ...walked, places } };
        const { verdict, traceHash } = await resultOf(programs, given);
        const decided = engine.decided(given);
        expect(decided).not.toHaveProperty('walk');
        preempted += decided.preemptions.length;
        expect(await resultOf(programs, decided)).toMatchObject({ verdict, traceHash });
      }),
      { numRuns: 15, endOnFailure: true },
    );
    expect(preempted).toBeGreaterThan(0);
  });

  it('and gets on in whatever way is none', async () => {
    await fc.assert(
      fc.asyncProperty(programsOf(gettingOn), schedule, async (programs, drawn) => {
        const { verdict, failure } = await resultOf(programs, drawn);
        expect([verdict, failure]).toEqual(['held', null]);
      }),
      { numRuns: 12, endOnFailure: true },
    );
  });
});

const sleeping = "import { setTimeout as sleep } from 'node:timers/promises';";

describe('by the limits there are', () => {
  it.each([
    [
      'two agents that send each other the same message',
      'livelock',
      `writers: { count: 1, async run() {
         parentPort!.on('message', () => { parentPort!.postMessage('again'); });
         await new Promise(() => undefined);
       } },
       readers: { count: 1, async run({ workers }) {
         workers[0]!.on('message', () => { workers[0]!.postMessage({ kind: 'again' }); });
         workers[0]!.postMessage({ kind: 'again' });
         await new Promise(() => undefined);
       } },`,
    ],
    [
      'two agents that send each other a number that grows',
      'held',
      `writers: { count: 1, async run() {
         await new Promise<void>((resolve) => {
           parentPort!.on('message', (number: number) => { parentPort!.postMessage(number + 1); if (number > 12_000) resolve(); });
         });
       } },
       readers: { count: 1, run({ workers }) {
         workers[0]!.on('message', (number: number) => { if (number <= 12_001) workers[0]!.postMessage(number); });
         workers[0]!.postMessage(0);
       } },`,
    ],
    [
      'an agent that spins beside one that looks now and then',
      'livelock',
      `writers: { count: 1, run({ store }) { while (Atomics.load(store, 0) === 0); } },
       readers: { count: 1, async run({ store }) { while (Atomics.load(store, 1) === 0) await sleep(10); } },`,
      'stepsWithoutProgress: 20_000,',
    ],
    [
      'readers that pause for something that never comes',
      'livelock',
      `writers: { count: 1, run() {} },
       readers: { count: 3, async run({ store, pause }) { while (Atomics.load(store, 0) === 0) await pause(); } },`,
    ],
    [
      'a fast poller and a slow one that counts to a thousand',
      'held',
      `writers: { count: 1, async run() {
         for (let count = 0; count < 1_000; count++) await sleep(15);
         parentPort!.postMessage('over');
       } },
       readers: { count: 1, async run({ workers }) {
         let isOver = false;
         workers[0]!.on('message', () => { isOver = true; });
         while (!isOver) await sleep(1);
       } },`,
    ],
    [
      'polling until a time-out of five minutes',
      'held',
      `writers: { count: 1, async run({ store }) {
         let isOver = false;
         setTimeout(() => { isOver = true; }, 300_000);
         while (!isOver) { Atomics.load(store, 0); await sleep(25); }
       } },`,
    ],
    [
      'spinning until the clock says so',
      'held',
      `writers: { count: 1, run({ store }) {
         const end = Date.now() + 600_000;
         while (Atomics.load(store, 0) === 0) if (Date.now() > end) return;
       } },`,
    ],
    [
      'pausing until a waitAsync of the same loop times out',
      'held',
      `writers: { count: 1, run() {} },
       readers: { count: 1, async run({ store, pause }) {
         let isOver = false;
         void Promise.resolve(Atomics.waitAsync(store, 0, 0, 10).value).then(() => { isOver = true; });
         while (!isOver) await pause();
       } },`,
    ],
  ])('%s', async (_, verdict, fields, smaller = '') => {
    const before = `import { parentPort } from 'node:worker_threads';\n${sleeping}`;
    // What is long as it is need not be made as small as can be.
    const bounded = `${fields} limits: { shrinkMs: 1, ${smaller} },`;
    const given = { before: `${before}\nvoid [sleep, parentPort];`, fields: bounded };
    const result = await experiment.run(given, { runs: 1 });
    expect(summary(result).verdict).toBe(verdict);
    if (verdict === 'livelock') {
      expect(summary(result).message).toMatch(/^10,000 waits led to nothing new \(limits\.waitsWithoutProgress\)/);
    }
  });

  it('what led to it stands in the saved trace beside the loop', async () => {
    const result = await experiment.run(
      {
        before: sleeping,
        fields: `writers: { count: 1, async run({ store }) {
          Atomics.store(store, 2, 77);
          while (Atomics.load(store, 0) === 0) await sleep(10);
        } },
        expect: 'livelock',
        limits: { shrinkMs: 1 },`,
      },
      { runs: 1, save: true },
    );
    const { trace, steps } = experiment.saved(result);
    expect(trace[0]).toMatchObject({ step: 0, kind: 'Atomics.store', value: 77 });
    expect(trace.at(-1)?.step).toBe(steps - 1);
    expect(trace).toHaveLength(1_000);
  });
});
