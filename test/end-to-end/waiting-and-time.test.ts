import { describe, expect, it } from 'vitest';
import { Experiment, replay, summary, idleWriter } from './experiment.js';

const held = { verdict: 'held', message: '' };
const experiment = new Experiment();

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

  it.each([
    ['further away than limits.stallMs fires only when nothing else can happen', 5_001, '', held],
    ['within it may fire at any time', 5_000, '', { verdict: 'crash', message: 'Error: too late' }],
    [
      'is within it if the scenario says so',
      60_000,
      'limits: { stallMs: 60_000 },',
      { verdict: 'crash', message: 'Error: too late' },
    ],
  ])('a timeout that is %s', async (_, timeoutMs, limits, expected) => {
    const result = await experiment.run(
      {
        fields: `${limits}
        writers: { count: 1, run({ store }) { for (let turn = 0; turn < 5; turn++) Atomics.add(store, 0, 1); Atomics.notify(store, 0); } },
        readers: {
          count: 1,
          async run({ store, pause }) {
            const timer = setTimeout(() => { throw new Error('too late'); }, ${timeoutMs});
            while (Atomics.load(store, 0) < 5) await pause();
            clearTimeout(timer);
          },
        },`,
      },
      { runs: 400 },
    );
    expect(summary(result)).toEqual(expected);
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

  it('a waitAsync that is renewed for ever does not keep an execution going, as in Node', async () => {
    const fields = `
      async run({ store }) {
        const poll = async () => { while ((await Atomics.waitAsync(store, 0, 0, 10_000).value) === 'timed-out'); };
        void poll();
        check((await Atomics.waitAsync(store, 1, 0, 25_000).value) === 'timed-out', 'not timed out');
      },`;
    expect(summary(await experiment.run({ fields }))).toEqual(held);
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
    expect(trace.filter(({ kind }) => kind === 'history.read')).toHaveLength(12);
    const outcome = await replay({
      projectDirectory: experiment.project,
      file: result.counterexample?.file ?? '',
      times: 20,
    });
    expect(outcome).toMatchObject({ agreeing: 20, traceHashes: [{ traceHash, count: 20 }] });
    expect(outcome.replayed?.trace).toEqual(trace);
  });
});
