import { setImmediate } from 'node:timers/promises';
import type { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, it } from 'vitest';
import { WaitTimeout } from '../primitives/limit-errors.js';
import { ended, nextMessage, startWorker } from '../testing/start-worker.js';
import { createStateLock, StateLock, type StateLockState } from './state-lock.js';

const workers: Worker[] = [];

/** A worker that holds the lock until the returned word changes. */
async function startHolder(state: StateLockState): Promise<{ worker: Worker; owner: number; giveBack: () => void }> {
  const gate = new Int32Array(new SharedArrayBuffer(4));
  const worker = startWorker(
    `
      import { parentPort, workerData } from 'node:worker_threads';
      import { StateLock } from './lock-pair/state-lock.js';
      const lock = new StateLock(workerData.state);
      lock.withLock(() => {
        parentPort.postMessage(lock.owner);
        Atomics.wait(workerData.gate, 0, 0);
      });
    `,
    { state, gate },
  );
  workers.push(worker);
  const owner = (await nextMessage(worker)) as number;
  const giveBack = (): void => {
    Atomics.store(gate, 0, 1);
    Atomics.notify(gate, 0);
  };
  return { worker, owner, giveBack };
}

afterEach(async () => {
  for (const worker of workers.splice(0)) await worker.terminate();
});

describe('StateLock on an event loop', () => {
  it('runs a section at once if the lock is free, and gives the lock back', async () => {
    const lock = new StateLock(createStateLock());
    let ran = false;
    const done = lock.withLockAsync(() => (ran = true));
    expect(ran).toBe(true);
    await expect(done).resolves.toBe(true);
    await expect(lock.withLockAsync(() => 'again', { timeoutMs: 0 })).resolves.toBe('again');
  });

  it('rejects with what the section throws, and gives the lock back', async () => {
    const lock = new StateLock(createStateLock());
    const fail = (): never => {
      throw new Error('no good');
    };
    await expect(lock.withLockAsync(fail)).rejects.toThrow('no good');
    await expect(lock.withLockAsync(() => 1, { timeoutMs: 0 })).resolves.toBe(1);
  });

  it('runs a section that is asked for within a section, after it', async () => {
    const lock = new StateLock(createStateLock());
    const order: string[] = [];
    let inner: Promise<unknown> | undefined;
    await lock.withLockAsync(() => {
      inner = lock.withLockAsync(() => order.push('inner'));
      order.push('outer');
    });
    await inner;
    expect(order).toEqual(['outer', 'inner']);
  });

  it('refuses to block the event loop of the main thread', () => {
    expect(() => new StateLock(createStateLock()).withLock(() => 1)).toThrow('would block the event loop');
  });

  it.each([-1, NaN, 2 ** 31])('refuses a time-out of %d', async (timeoutMs) => {
    const lock = new StateLock(createStateLock());
    await expect(lock.withLockAsync(() => 1, { timeoutMs })).rejects.toThrow(RangeError);
  });

  it('waits for a thread without blocking, and serves who waits in order', async () => {
    const state = createStateLock();
    const lock = new StateLock(state);
    const holder = await startHolder(state);
    const order: string[] = [];
    const waiting = ['first', 'second', 'third'].map((name) => lock.withLockAsync(() => order.push(name)));
    // The loop keeps turning in the meantime.
    for (let turn = 0; turn < 10; turn++) await setImmediate();
    expect(order).toEqual([]);
    holder.giveBack();
    await Promise.all(waiting);
    expect(order).toEqual(['first', 'second', 'third']);
  });

  it('times out, says who has the lock, and does not run the section later', async () => {
    const state = createStateLock();
    const lock = new StateLock(state);
    const holder = await startHolder(state);
    let ran = false;
    const failure = await lock.withLockAsync(() => (ran = true), { timeoutMs: 5 }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(WaitTimeout);
    expect((failure as Error).message).toBe(
      `The state was not available within 5 ms: loop starvation? This is handle ${lock.owner}; handle ${holder.owner} ` +
        `held the lock all that time; if its thread has died, recover(${holder.owner}) frees it.`,
    );
    holder.giveBack();
    await lock.withLockAsync(() => undefined);
    expect(ran).toBe(false);
  });

  it('stops waiting when the signal aborts, before or after', async () => {
    const state = createStateLock();
    const lock = new StateLock(state);
    const holder = await startHolder(state);
    const reason = new Error('not wanted any more');
    await expect(lock.withLockAsync(() => 1, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    const controller = new AbortController();
    const waiting = lock.withLockAsync(() => 1, { signal: controller.signal });
    const other = lock.withLockAsync(() => 2);
    controller.abort(reason);
    await expect(waiting).rejects.toBe(reason);
    holder.giveBack();
    await expect(other).resolves.toBe(2);
  });
});

describe('StateLock on a thread', () => {
  it('times out, and names the holder', async () => {
    const state = createStateLock();
    const holder = await startHolder(state);
    const worker = startWorker(
      `
        import { parentPort, workerData } from 'node:worker_threads';
        import { StateLock } from './lock-pair/state-lock.js';
        const lock = new StateLock(workerData);
        const messages = [5, -1].map((timeoutMs) => {
          try {
            return String(lock.withLock(() => 'in', { timeoutMs }));
          } catch (error) {
            return error.name + ': ' + error.message;
          }
        });
        parentPort.postMessage(messages);
      `,
      state,
    );
    workers.push(worker);
    const [timedOut, negative] = (await nextMessage(worker)) as [string, string];
    expect(timedOut).toMatch(/^WaitTimeout: .* within 5 ms: loop starvation\?/);
    expect(timedOut).toContain(`handle ${holder.owner} held the lock all that time`);
    expect(negative).toMatch(/^RangeError: timeoutMs must be .* but it is -1\.$/);
  });

  it('gives the lock back if the section throws, and is not reentrant', async () => {
    const state = createStateLock();
    const worker = startWorker(
      `
        import { parentPort, workerData } from 'node:worker_threads';
        import { StateLock } from './lock-pair/state-lock.js';
        const lock = new StateLock(workerData);
        try {
          lock.withLock(() => lock.withLock(() => 'in'));
        } catch (error) {
          parentPort.postMessage(error.message);
        }
      `,
      state,
    );
    workers.push(worker);
    expect(await nextMessage(worker)).toBe('This handle already has the lock, which is not reentrant.');
    await expect(new StateLock(state).withLockAsync(() => 'free', { timeoutMs: 0 })).resolves.toBe('free');
  });
});

describe('recover', () => {
  it('takes the lock from a worker that was terminated while it had it, and lets those in who wait', async () => {
    const state = createStateLock();
    const lock = new StateLock(state);
    const { worker, owner } = await startHolder(state);
    await worker.terminate();
    await expect(lock.withLockAsync(() => 1, { timeoutMs: 5 })).rejects.toThrow(WaitTimeout);
    const waiting = lock.withLockAsync(() => 'in');
    const thread = startWorker(
      `
        import { parentPort, workerData } from 'node:worker_threads';
        import { StateLock } from './lock-pair/state-lock.js';
        parentPort.postMessage(new StateLock(workerData).withLock(() => 'in'));
      `,
      state,
    );
    workers.push(thread);
    const order: string[] = [];
    expect(lock.recover(owner, () => order.push('repaired'))).toBe(true);
    await expect(waiting.then(() => order.push('in'))).resolves.toBe(2);
    expect(await nextMessage(thread)).toBe('in');
    await ended(thread);
    expect(order).toEqual(['repaired', 'in']);
  });

  it('leaves a lock alone that the dead one did not have', async () => {
    const state = createStateLock();
    const lock = new StateLock(state);
    const holder = await startHolder(state);
    const repair = (): never => {
      throw new Error('nothing to repair');
    };
    expect(lock.recover(holder.owner + 1, repair)).toBe(false);
    expect(lock.recover(0, repair)).toBe(false);
    await expect(lock.withLockAsync(() => 1, { timeoutMs: 5 })).rejects.toThrow(WaitTimeout);
    holder.giveBack();
    await expect(lock.withLockAsync(() => 1)).resolves.toBe(1);
    expect(lock.recover(holder.owner, repair)).toBe(false);
  });
});
