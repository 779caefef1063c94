import { setImmediate } from 'node:timers/promises';
import type { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, it } from 'vitest';
import { UncloneablePayload } from '../primitives/payload.js';
import { nextMessage, startWorker } from '../testing/start-worker.js';
import { createImmutableSnapshot, ImmutableSnapshot, ValueTooLarge } from './immutable-snapshot.js';

const workers: Worker[] = [];

afterEach(async () => {
  for (const worker of workers.splice(0)) await worker.terminate();
});

describe('ImmutableSnapshot', () => {
  it('publishes whole values, numbers them, and gives copies', async () => {
    const settings = new ImmutableSnapshot<{ ids: number[] }>(createImmutableSnapshot({ ids: [1] }));
    const first = settings.read();
    first.value.ids.push(100);
    expect(await settings.update((present) => ({ ids: [...present.ids, 2] }))).toBe(2);
    expect(await settings.update({ ids: [3] })).toBe(3);
    expect(settings.read()).toEqual({ version: 3, value: { ids: [3] } });
    expect(first).toEqual({ version: 1, value: { ids: [1, 100] } });
  });

  it.each([
    ['a value that cannot be cloned', () => () => 1, UncloneablePayload, /cannot be sent to another agent/],
    [
      'a value that is too large',
      'x'.repeat(20),
      ValueTooLarge,
      'The value takes 24 bytes, but a version has 16 (valueBytes).',
    ],
    [
      'a function that throws',
      () => {
        throw new SyntaxError('no good');
      },
      SyntaxError,
      'no good',
    ],
  ])('refuses %s, and nothing is published', async (_, next, kind, message) => {
    const settings = new ImmutableSnapshot<unknown>(createImmutableSnapshot('old', { valueBytes: 16, versions: 3 }));
    for (let attempt = 0; attempt < 4; attempt++) {
      await expect(settings.update(next)).rejects.toThrow(kind);
      await expect(settings.update(next)).rejects.toThrow(message);
    }
    expect(settings.read()).toEqual({ version: 1, value: 'old' });
    expect(await settings.update('new', { timeoutMs: 0 })).toBe(2);
  });

  it.each([
    [{ valueBytes: 7 }, 'valueBytes must be a whole number from 8 to 268435456, but it is 7.'],
    [{ versions: 2 }, 'versions must be a whole number from 3 to 1024, but it is 2.'],
    [{ valueBytes: 2 ** 28, versions: 8 }, /take \d+ bytes, but an immutable snapshot has at most 1073741824/],
  ])('refuses the size %o', (options, message) => {
    expect(() => createImmutableSnapshot(0, options)).toThrow(message);
  });

  it('refuses an initial value that does not fit, and a negative time-out', async () => {
    expect(() => createImmutableSnapshot('x'.repeat(20), { valueBytes: 16 })).toThrow(ValueTooLarge);
    const settings = new ImmutableSnapshot<number>(createImmutableSnapshot(0));
    await expect(settings.update(1, { timeoutMs: -1 })).rejects.toThrow(RangeError);
    expect(() => settings.updateFromThread(1)).toThrow('would block the event loop');
  });

  it('loses no update of several threads, while readers see whole versions that never go back', async () => {
    const state = createImmutableSnapshot([0, 0, 0, 0, 0, 0, 0, 0], { valueBytes: 128, versions: 3 });
    const settings = new ImmutableSnapshot<number[]>(state);
    const updates = 500;
    const running = [0, 1].map(() => {
      const worker = startWorker(
        `
          import { parentPort, workerData } from 'node:worker_threads';
          import { ImmutableSnapshot } from './immutable-snapshot/immutable-snapshot.js';
          const settings = new ImmutableSnapshot(workerData);
          for (let update = 0; update < ${updates}; update++) {
            settings.updateFromThread((present) => present.map((number) => number + 1));
            const { version, value } = settings.read();
            if (new Set(value).size !== 1 || version !== value[0] + 1) parentPort.postMessage('torn');
          }
          parentPort.postMessage('done');
        `,
        state,
      );
      workers.push(worker);
      return worker;
    });
    let ended = false;
    const done = Promise.all(running.map(nextMessage));
    void done.then(() => (ended = true));
    let before = 1;
    while (!ended) {
      const { version, value } = settings.read();
      expect(value).toEqual(Array<number>(8).fill(version - 1));
      expect(version).toBeGreaterThanOrEqual(before);
      before = version;
      await setImmediate();
    }
    expect(await done).toEqual(['done', 'done']);
    expect(settings.read().version).toBe(2 * updates + 1);
  });

  it('lets writers go on after one that was terminated in the midst of writing, and readers never notice', async () => {
    const state = createImmutableSnapshot('kept', { versions: 3 });
    const settings = new ImmutableSnapshot<string>(state);
    const worker = startWorker(
      `
        import { parentPort, workerData } from 'node:worker_threads';
        import { ImmutableSnapshot } from './immutable-snapshot/immutable-snapshot.js';
        const settings = new ImmutableSnapshot(workerData);
        settings.updateFromThread(() => {
          parentPort.postMessage(settings.owner);
          Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
          return 'never';
        });
      `,
      state,
    );
    const owner = (await nextMessage(worker)) as number;
    expect(settings.read().value).toBe('kept');
    await worker.terminate();
    expect(settings.read().value).toBe('kept');
    await expect(settings.update('new', { timeoutMs: 5 })).rejects.toThrow(`recover(${owner})`);
    expect(settings.recover(owner)).toBe(true);
    expect(settings.recover(owner)).toBe(false);
    expect(await settings.update('new')).toBe(2);
    expect(settings.read().value).toBe('new');
  });
});
