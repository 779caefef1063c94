import { setImmediate } from 'node:timers/promises';
import { MessageChannel } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { lineOver } from '../message-port/line.js';
import { QueueClosed } from '../primitives/async-queue.js';
import { WaitTimeout } from '../primitives/limit-errors.js';
import { ended, startWorker } from '../testing/start-worker.js';
import { StageFailed } from './errors.js';
import type { Intake } from './intake.js';
import { remoteIntake, serveIntake } from './remote.js';
import { Stage } from './stage.js';

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await setImmediate();
}

/** The last stage of a pipeline, which takes a value when the test says so. */
function gate(): {
  readonly taken: unknown[];
  readonly take: (value: unknown) => Promise<void>;
  readonly open: () => void;
} {
  const taken: unknown[] = [];
  let isOpen = false;
  const waiting: (() => void)[] = [];
  return {
    taken,
    take: async (value) => {
      if (!isOpen) await new Promise<void>((resolve) => waiting.push(resolve));
      taken.push(value);
    },
    open: () => {
      isOpen = true;
      for (const resolve of waiting) resolve();
    },
  };
}

const same = <Value>(value: Value): Value => value;

describe('a pipeline', () => {
  it('keeps the order, and works on several values at once', async () => {
    const results: number[] = [];
    let inside = 0;
    let most = 0;
    const slowly = async (value: number): Promise<number> => {
      most = Math.max(most, ++inside);
      await setImmediate();
      inside--;
      return value + 1;
    };
    const third = new Stage({ name: 'third', process: slowly, next: (value) => void results.push(value) });
    const second = new Stage({ name: 'second', process: slowly, next: third });
    const first = new Stage({ name: 'first', process: slowly, next: second });
    for (let value = 0; value < 20; value++) await first.send(value);
    await first.end();
    expect(results).toEqual(Array.from({ length: 20 }, (_, value) => value + 3));
    expect(most).toBe(3);
    expect([first, second, third].map(({ processed }) => processed)).toEqual([20, 20, 20]);
  });

  it('holds up the sender when the last stage is slow', async () => {
    const { taken, take, open } = gate();
    const last = new Stage({ name: 'last', capacity: 1, process: same, next: take });
    const first = new Stage({ name: 'first', capacity: 1, process: same, next: last });
    // One each in the gate, the mailboxes, and being processed by the first stage.
    for (const value of [1, 2, 3, 4]) await first.send(value);
    await expect(first.send(5, { timeoutMs: 1 })).rejects.toThrow(WaitTimeout);
    expect([first.depth, last.depth]).toEqual([1, 1]);
    const waiting = first.send(6);
    open();
    await waiting;
    await first.end();
    expect(taken).toEqual([1, 2, 3, 4, 6]);
  });

  it('names the stage that failed, to the sender and at the end', async () => {
    const results: string[] = [];
    const last = new Stage({ name: 'last', process: same<string>, next: (value) => void results.push(value) });
    const middle = new Stage({
      name: 'middle',
      capacity: 1,
      process: (value: string) => {
        if (value === 'bad') throw new RangeError('no good');
        return value;
      },
      next: last,
    });
    const first = new Stage({ name: 'first', capacity: 1, process: same<string>, next: middle });
    await first.send('good');
    await first.send('bad');
    const error = await sendUntilItFails(first);
    expect(error).toBeInstanceOf(StageFailed);
    expect(error).toMatchObject({
      stage: 'middle',
      message: 'Stage "middle" failed: no good',
      cause: { name: 'RangeError' },
    });
    await expect(first.end()).rejects.toBe(error);
    await expect(middle.end()).rejects.toBe(error);
    // Values before the bad one still come out.
    await expect(last.end()).rejects.toBe(error);
    expect(results).toEqual(['good']);
  });

  it('goes on without a value that a stage cannot process, if told to', async () => {
    const errors: string[] = [];
    const results: number[] = [];
    const stage = new Stage({
      name: 'invert',
      process: (value: number) => {
        if (value === 0) throw new RangeError('no inverse');
        return 1 / value;
      },
      next: (value) => void results.push(value),
      onError: ({ message }, value) => void errors.push(`${message}: ${value}`),
    });
    for (const value of [1, 0, 2]) await stage.send(value);
    await stage.end();
    expect(results).toEqual([1, 0.5]);
    expect(errors).toEqual(['Stage "invert" failed: no inverse: 0']);
  });

  it('fails if its results are not taken', async () => {
    const stage = new Stage({ name: 'only', process: same, next: () => Promise.reject(new Error('full')) });
    await stage.send(1);
    await expect(stage.end()).rejects.toMatchObject({ stage: 'only', message: 'Stage "only" failed: full' });
  });

  it('takes nothing after the end, and ends but once', async () => {
    const stage = new Stage({ name: 'only', process: same, next: () => undefined });
    await Promise.all([stage.end(), stage.end()]);
    await expect(stage.send(1)).rejects.toThrow(QueueClosed);
    await expect(stage.send(1)).rejects.toThrow('Stage "only" has ended: it accepts nothing more.');
  });

  it('tells whoever waits for room when it ends that the value was not taken', async () => {
    const { taken, take, open } = gate();
    const stage = new Stage({ name: 'only', capacity: 1, process: same, next: take });
    await stage.send(1);
    await stage.send(2);
    const waiting = stage.send(3);
    const end = stage.end();
    await expect(waiting).rejects.toThrow(QueueClosed);
    open();
    await end;
    expect(taken).toEqual([1, 2]);
  });

  it('can be aborted: what is dropped is handed back, and the stages behind it end', async () => {
    const signals: AbortSignal[] = [];
    const last = new Stage({ name: 'last', process: same, next: () => undefined });
    const first = new Stage({
      name: 'first',
      process: (value: number, { signal }) => {
        signals.push(signal);
        return new Promise<number>((resolve) => signal.addEventListener('abort', () => resolve(value)));
      },
      next: last,
    });
    for (const value of [1, 2, 3]) await first.send(value);
    await until(() => signals.length === 1);
    const end = first.end();
    const reason = new Error('enough');
    expect(first.abort(reason)).toEqual([2, 3]);
    await expect(end).rejects.toBe(reason);
    await expect(first.send(4)).rejects.toBe(reason);
    await expect(last.end()).rejects.toBe(reason);
  });

  it('refuses time-outs and sizes that make no sense', async () => {
    const stage = new Stage({ name: 'only', process: same, next: () => undefined });
    await expect(stage.send(1, { timeoutMs: -1 })).rejects.toThrow(RangeError);
    await expect(stage.end({ timeoutMs: -1 })).rejects.toThrow(RangeError);
    await stage.send(1);
    await stage.end();
    expect(() => new Stage({ name: 'none', capacity: 0, process: same, next: stage })).toThrow(RangeError);
  });

  it('can be waited for with a time-out, and ends all the same', async () => {
    const { taken, take, open } = gate();
    const stage = new Stage({ name: 'only', process: same, next: take });
    await stage.send(1);
    await expect(stage.end({ timeoutMs: 1 })).rejects.toThrow('Stage "only" did not end within 1 ms.');
    open();
    await stage.end();
    expect(taken).toEqual([1]);
  });
});

describe('a pipeline over ports', () => {
  it('holds up a sender on another agent, and tells it when everything has come through', async () => {
    const { port1, port2 } = new MessageChannel();
    const { taken, take, open } = gate();
    const stage = new Stage({ name: 'far', capacity: 1, process: same, next: take });
    const served = serveIntake([port2], stage, { window: 1 });
    const intake = remoteIntake<number>(port1);
    for (const value of [1, 2, 3]) await intake.send(value);
    await expect(intake.send(4, { timeoutMs: 1 })).rejects.toThrow(WaitTimeout);
    open();
    await intake.send(5);
    await intake.end();
    await served;
    expect(taken).toEqual([1, 2, 3, 5]);
  });

  it('names the stage that failed on the other agent', async () => {
    const { port1, port2 } = new MessageChannel();
    const fails = (): never => {
      throw Object.assign(new Error('no good'), { code: 'E_BAD' });
    };
    const served = serveIntake([port2], new Stage({ name: 'far', process: fails, next: () => undefined }));
    const near = new Stage({ name: 'near', process: same<string>, next: remoteIntake(port1) });
    const error = await sendUntilItFails(near);
    expect(error).toBeInstanceOf(StageFailed);
    expect(error).toMatchObject({ stage: 'far', message: 'Stage "far" failed: no good', cause: { code: 'E_BAD' } });
    await expect(near.end()).rejects.toMatchObject({ stage: 'far' });
    await expect(served).rejects.toMatchObject({ stage: 'far' });
  });

  it('tells the other agent of a failure before it, after what came before that', async () => {
    const { port1, port2 } = new MessageChannel();
    const results: string[] = [];
    const far = new Stage({ name: 'far', process: same<string>, next: (value) => void results.push(value) });
    const served = serveIntake([port2], far);
    const near = new Stage({
      name: 'near',
      process: (value: string) => {
        if (value === 'bad') throw new Error('no good');
        return value;
      },
      next: remoteIntake<string>(port1),
    });
    await near.send('good');
    await near.send('bad');
    await expect(near.end()).rejects.toMatchObject({ stage: 'near' });
    await expect(served).rejects.toMatchObject({ name: 'StageFailed', stage: 'near' });
    await expect(far.end()).rejects.toMatchObject({ stage: 'near' });
    expect(results).toEqual(['good']);
  });

  it('ends when all that feed it have ended, and tells each of them then', async () => {
    const channels = [new MessageChannel(), new MessageChannel()];
    const results: number[] = [];
    const stage = new Stage({ name: 'both', process: same<number>, next: (value) => void results.push(value) });
    const served = serveIntake(
      channels.map(({ port2 }) => port2),
      stage,
    );
    const [first, second] = channels.map(({ port1 }) => remoteIntake<number>(port1));
    await first!.send(1);
    const firstEnd = first!.end();
    await expect(first!.end({ timeoutMs: 1 })).rejects.toThrow(WaitTimeout);
    await second!.send(2);
    await Promise.all([firstEnd, second!.end(), served]);
    expect(results.sort()).toEqual([1, 2]);
  });

  it('runs a stage in a worker between two here', async () => {
    const worker = startWorker(
      `import { parentPort } from 'node:worker_threads';
       import { lineOver, remoteIntake, serveIntake, Stage } from './index.js';
       const next = remoteIntake(lineOver(parentPort, 'out'));
       void serveIntake([lineOver(parentPort, 'in')], new Stage({ name: 'worker', process: (value) => value * 2, next }));`,
      {},
    );
    const results: number[] = [];
    const last = new Stage({
      name: 'last',
      process: (value: number) => value + 1,
      next: (value) => void results.push(value),
    });
    const served = serveIntake([lineOver(worker, 'out')], last);
    const first = new Stage({ name: 'first', process: same<number>, next: remoteIntake(lineOver(worker, 'in')) });
    for (const value of [1, 2, 3]) await first.send(value);
    await first.end();
    await served;
    expect(results).toEqual([3, 5, 7]);
    await ended(worker);
  });

  it('fails on both sides of a worker that dies, and finishes what that had passed on', async () => {
    const worker = startWorker(
      `import { parentPort } from 'node:worker_threads';
       import { lineOver, remoteIntake, serveIntake, Stage } from './index.js';
       const next = remoteIntake(lineOver(parentPort, 'out'));
       const process_ = (value) => (value === 2 ? process.exit() : value);
       void serveIntake([lineOver(parentPort, 'in')], new Stage({ name: 'worker', process: process_, next }));`,
      {},
    );
    const results: number[] = [];
    const last = new Stage({ name: 'last', process: same<number>, next: (value) => void results.push(value) });
    const served = serveIntake([lineOver(worker, 'out')], last);
    const first = new Stage({
      name: 'first',
      process: same<number>,
      next: remoteIntake<number>(lineOver(worker, 'in')),
    });
    await first.send(1);
    await until(() => results.length === 1);
    await first.send(2);
    await expect(first.end()).rejects.toMatchObject({ stage: 'first', cause: { name: 'PortClosed' } });
    await expect(served).rejects.toMatchObject({ name: 'PortClosed' });
    await expect(last.end()).rejects.toMatchObject({ name: 'PortClosed' });
    expect(results).toEqual([1]);
    await ended(worker);
  });
});

async function sendUntilItFails(stage: Intake<string>): Promise<unknown> {
  while (true) {
    try {
      await stage.send('next');
      await setImmediate();
    } catch (error) {
      return error;
    }
  }
}
