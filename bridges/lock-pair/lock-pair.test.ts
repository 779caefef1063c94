import { setImmediate } from 'node:timers/promises';
import type { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, it } from 'vitest';
import { WaitTimeout } from '../primitives/limit-errors.js';
import { UncloneablePayload } from '../primitives/payload.js';
import { ended, nextMessage, startWorker } from '../testing/start-worker.js';
import { DictionaryFull, EntryTooLarge } from '../unsynchronised/dictionary-errors.js';
import { LockPair } from './lock-pair.js';
import { createLockPair, type LockPairState } from './state.js';

const workers: Worker[] = [];

function start(code: string, workerData: unknown): Worker {
  const worker = startWorker(
    `
      import { parentPort, workerData } from 'node:worker_threads';
      import { LockPair } from './lock-pair/lock-pair.js';
      import { ownedLock } from './primitives/owned-lock.js';
      ${code}
    `,
    workerData,
  );
  workers.push(worker);
  return worker;
}

/** Waits until the notifications of the observers satisfy the test. */
async function until(satisfied: () => boolean): Promise<void> {
  while (!satisfied()) await setImmediate();
}

afterEach(async () => {
  for (const worker of workers.splice(0)) await worker.terminate();
});

describe('LockPair on an event loop', () => {
  it('updates, reads, removes, and gives copies', async () => {
    const pair = new LockPair<{ n: number }>(createLockPair());
    await pair.update('a', { n: 1 });
    await pair.update('a', (present) => ({ n: present!.n + 1 }));
    await pair.update('b', (present) => present ?? { n: 0 });
    const snapshot = await pair.read();
    snapshot.get('a')!.n = 100;
    expect([...(await pair.read())]).toEqual([
      ['a', { n: 2 }],
      ['b', { n: 0 }],
    ]);
    expect(await pair.get('a')).toEqual({ n: 2 });
    expect(await pair.get('c')).toBeUndefined();
    expect(await pair.delete('a')).toBe(true);
    expect(await pair.delete('a')).toBe(false);
    expect([...(await pair.read()).keys()]).toEqual(['b']);
  });

  it.each([
    ['a value that cannot be cloned', 'a', () => () => 1, UncloneablePayload],
    ['a value that is larger than an entry', 'a', 'x'.repeat(20), EntryTooLarge],
    ['one key too many', 'b', 1, DictionaryFull],
    [
      'a function that throws',
      'a',
      () => {
        throw new SyntaxError('no good');
      },
      SyntaxError,
    ],
  ])('refuses %s, and nothing has changed', async (_, key, next, kind) => {
    const pair = new LockPair<unknown>(createLockPair({ entries: 1, entryBytes: 16 }));
    await pair.update('a', 1);
    await expect(pair.update(key, next)).rejects.toThrow(kind);
    expect([...(await pair.read({ timeoutMs: 0 }))]).toEqual([['a', 1]]);
  });

  it('refuses a negative time-out everywhere', async () => {
    const pair = new LockPair<number>(createLockPair());
    const call = { timeoutMs: -1 };
    for (const attempt of [pair.read(call), pair.get('a', call), pair.update('a', 1, call), pair.delete('a', call)]) {
      await expect(attempt).rejects.toThrow(RangeError);
    }
    await expect(pair.onChange(() => undefined, call)).rejects.toThrow(RangeError);
    expect((await pair.read()).size).toBe(0);
  });

  it('refuses what would block the loop', () => {
    const pair = new LockPair<number>(createLockPair());
    expect(() => pair.updateFromThread('a', 1)).toThrow('would block the event loop');
    expect(() => pair.readFromThread()).toThrow('would block the event loop');
    expect(() => pair.deleteFromThread('a')).toThrow('would block the event loop');
  });
});

describe('LockPair on threads', () => {
  it('loses no update, and no reader sees the state of two moments', async () => {
    const state = createLockPair({ entries: 8, entryBytes: 64 });
    const pair = new LockPair<number>(state);
    const updates = 300;
    const running = [0, 1].map((index) =>
      start(
        `
          const pair = new LockPair(workerData);
          for (let update = 0; update < ${updates}; update++) {
            pair.updateFromThread('first', (present = 0) => present + 1);
            pair.updateFromThread('own ${index}', update);
            pair.updateFromThread('last', (present = 0) => present + 1);
          }
          parentPort.postMessage([...pair.readFromThread().keys()].length);
        `,
        state,
      ),
    );
    const done = Promise.all(running.map(nextMessage));
    let ended = false;
    void done.then(() => (ended = true));
    const seen: number[] = [];
    while (!ended) {
      const snapshot = await pair.read();
      const first = snapshot.get('first') ?? 0;
      const last = snapshot.get('last') ?? 0;
      // Each of the two threads is at most between its two updates.
      expect(first - last).toBeGreaterThanOrEqual(0);
      expect(first - last).toBeLessThanOrEqual(2);
      seen.push(last);
      await setImmediate();
    }
    expect(seen).toEqual([...seen].sort((one, other) => one - other));
    const end = await pair.read();
    expect(end.get('first')).toBe(2 * updates);
    expect(end.get('last')).toBe(2 * updates);
    // One thread may end before the other begins; whichever reads last sees the entries of both.
    expect(Math.max(...((await done) as number[]))).toBe(4);
  });
});

describe('observers', () => {
  it('are told of what is added, replaced and removed, by any agent, after they were added', async () => {
    const state = createLockPair();
    const pair = new LockPair<number>(state);
    await pair.update('before', 1);
    const told: string[] = [];
    await pair.onChange((key) => told.push(key));
    const worker = start(
      `
        const pair = new LockPair(workerData);
        pair.updateFromThread('added', 1);
        pair.deleteFromThread('before');
        parentPort.postMessage('done');
      `,
      state,
    );
    await nextMessage(worker);
    await until(() => told.includes('added') && told.includes('before'));
    told.length = 0;
    await pair.update('added', 2);
    await until(() => told.includes('added'));
    pair.close();
    expect(new Set(told)).toEqual(new Set(['added']));
  });

  it('are told by an agent that is woken while another one observes too', async () => {
    const state = createLockPair();
    const worker = start(
      `
        const pair = new LockPair(workerData);
        void pair.onChange((key) => {
          pair.close();
          parentPort.postMessage(key);
        }).then(() => parentPort.postMessage('observing'));
      `,
      state,
    );
    expect(await nextMessage(worker)).toBe('observing');
    const pair = new LockPair<number>(state);
    const told: string[] = [];
    await pair.onChange((key) => told.push(key));
    const heard = nextMessage(worker);
    await pair.update('a', 1);
    expect(await heard).toBe('a');
    await until(() => told.includes('a'));
    pair.close();
    // After `close` the worker has nothing left to do.
    await ended(worker);
  });

  it('are all told if one of them throws, and what it throws goes to onError', async () => {
    const errors: unknown[] = [];
    const pair = new LockPair<number>(createLockPair(), { onError: (error, key) => errors.push([error, key]) });
    const failure = new Error('no good');
    const told: string[] = [];
    await pair.onChange(() => {
      throw failure;
    });
    await pair.onChange((key) => told.push(key));
    await pair.update('a', 1);
    await until(() => told.includes('a'));
    await pair.update('b', 1);
    await until(() => told.includes('b'));
    pair.close();
    expect(errors).toEqual([
      [failure, 'a'],
      [failure, 'b'],
    ]);
  });

  it('throw like every uncaught error if there is no onError, and the others are told', async () => {
    const state = createLockPair();
    const worker = start(
      `
        const told = [];
        process.on('uncaughtException', (error) => {
          told.push(error.message);
          if (told.includes('a')) parentPort.postMessage(told);
        });
        async function observe() {
          const pair = new LockPair(workerData);
          await pair.onChange(() => {
            throw new Error('no good');
          });
          await pair.onChange((key) => told.push(key));
          await pair.update('a', 1);
        }
        void observe();
      `,
      state,
    );
    expect(new Set((await nextMessage(worker)) as string[])).toEqual(new Set(['a', 'no good']));
  });

  it('are not told once they are removed, and the same function may observe twice', async () => {
    const pair = new LockPair<number>(createLockPair());
    const told: string[] = [];
    const observe = (key: string): void => void told.push(key);
    const remove = await pair.onChange(observe);
    await pair.onChange(observe);
    await pair.update('a', 1);
    await until(() => told.length === 2);
    remove();
    remove();
    await pair.update('b', 1);
    await until(() => told.length === 3);
    pair.close();
    await pair.update('c', 1);
    for (let turn = 0; turn < 10; turn++) await setImmediate();
    expect(told).toEqual(['a', 'a', 'b']);
    // An observer added after that starts observing again.
    await pair.onChange(observe);
    await pair.update('d', 1);
    await until(() => told.length === 4);
    pair.close();
    expect(told.at(-1)).toBe('d');
  });
});

describe('a worker that dies while it has the lock', () => {
  /** It has changed `kept`, and dies while changing it again. */
  const startAndKill = async (state: LockPairState): Promise<number> => {
    const worker = start(
      `
        const pair = new LockPair(workerData);
        pair.updateFromThread('kept', 'acknowledged');
        pair.updateFromThread('kept', () => {
          parentPort.postMessage(pair.owner);
          Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
          return 'never';
        });
      `,
      state,
    );
    const owner = (await nextMessage(worker)) as number;
    await worker.terminate();
    return owner;
  };

  it('keeps others waiting until their time-outs, which name it, and can be recovered', async () => {
    const state = createLockPair();
    const pair = new LockPair<string>(state);
    const owner = await startAndKill(state);
    await expect(pair.read({ timeoutMs: 5 })).rejects.toThrow(WaitTimeout);
    await expect(pair.read({ timeoutMs: 5 })).rejects.toThrow(`recover(${owner}) frees it`);
    const waiting = pair.update('other', 'in');
    expect(pair.recover(owner)).toBe(true);
    expect(pair.recover(owner)).toBe(false);
    await waiting;
    expect([...(await pair.read())]).toEqual([
      ['kept', 'acknowledged'],
      ['other', 'in'],
    ]);
  });

  it('does not keep observers from being told once it is recovered', async () => {
    const state = createLockPair();
    const pair = new LockPair<string>(state);
    const told: string[] = [];
    await pair.onChange((key) => told.push(key));
    const owner = await startAndKill(state);
    pair.recover(owner);
    await until(() => told.includes('kept'));
    pair.close();
  });

  it('does not keep an agent that observes from ending once it has closed', async () => {
    const state = createLockPair();
    const worker = start(
      `
        async function observe() {
          const pair = new LockPair(workerData);
          await pair.onChange(() => undefined);
          const own = new LockPair(workerData);
          await own.update('a', 1);
          ownedLock(workerData.lock).lock();
          await pair.update('a', 1, { timeoutMs: 1 }).catch((error) => parentPort.postMessage(error.name));
          pair.close();
        }
        void observe();
      `,
      state,
    );
    expect(await nextMessage(worker)).toBe('WaitTimeout');
    await ended(worker);
  });
});
