import { setImmediate } from 'node:timers/promises';
import type { Worker } from 'node:worker_threads';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { WaitTimeout } from '../primitives/limit-errors.js';
import { nextMessage, startWorker } from '../testing/start-worker.js';
import { createVersionPool, VersionPool, type PinnedVersion } from './version-pool.js';

const workers: Worker[] = [];

afterEach(async () => {
  for (const worker of workers.splice(0)) await worker.terminate();
});

const publish = (pool: VersionPool, memory: number[], next: number): Promise<void> =>
  pool.publish((_, to) => void (memory[to] = next), { timeoutMs: 0 });

describe('VersionPool', () => {
  it('keeps every pinned version as it was, and loses no slot, whatever the order of pins, releases and publications', async () => {
    const step = fc.oneof(
      fc.constant({ do: 'publish' as const }),
      fc.constant({ do: 'pin' as const }),
      fc.record({ do: fc.constant('release' as const), which: fc.nat({ max: 5 }) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const slots = 4;
        const pool = new VersionPool(createVersionPool(slots));
        const memory = [0, -1, -1, -1];
        const pins: { pinned: PinnedVersion; holds: number }[] = [];
        let current = 0;
        for (const step of steps) {
          if (step.do === 'pin') {
            pins.push({ pinned: pool.pin(), holds: current });
          } else if (step.do === 'release') {
            pins.splice(step.which, 1)[0]?.pinned.release();
          } else {
            const heldOrCurrent = new Set([...pins.map(({ holds }) => holds), current]);
            const published = publish(pool, memory, current + 1);
            if (heldOrCurrent.size === slots) {
              await expect(published).rejects.toThrow(WaitTimeout);
            } else {
              await published;
              current++;
            }
          }
          expect(pool.read((slot) => memory[slot])).toBe(current);
          for (const { pinned, holds } of pins) expect(memory[pinned.slot]).toBe(holds);
        }
        for (const { pinned } of pins) pinned.release();
        expect(pool.free).toBe(slots - 1);
      }),
    );
  });

  it('gives a version back once, however often it is released', async () => {
    const pool = new VersionPool(createVersionPool(3));
    const memory = [0, -1, -1];
    const [one, other] = [pool.pin(), pool.pin()];
    one.release();
    one.release();
    for (const next of [1, 2, 3, 4]) await publish(pool, memory, next);
    expect(memory[other.slot]).toBe(0);
    other.release();
    expect(pool.free).toBe(2);
  });

  it('gives a version back if looking at it throws', async () => {
    const pool = new VersionPool(createVersionPool(3));
    const fail = (): never => {
      throw new Error('no good');
    };
    for (let read = 0; read < 5; read++) {
      expect(() => pool.read(fail)).toThrow('no good');
      await publish(pool, [], read);
    }
    expect(pool.free).toBe(2);
  });

  it('publishes nothing, and loses no slot, if making the next version throws', async () => {
    const pool = new VersionPool(createVersionPool(3));
    const before = pool.read((slot) => slot);
    const fail = (): never => {
      throw new Error('no good');
    };
    for (let write = 0; write < 5; write++) await expect(pool.publish(fail)).rejects.toThrow('no good');
    expect(pool.read((slot) => slot)).toBe(before);
    expect(pool.free).toBe(2);
  });

  it('lets a writer wait for a version to be given back, until its time-out or its signal', async () => {
    const pool = new VersionPool(createVersionPool(3));
    const memory = [0, -1, -1];
    const held: PinnedVersion[] = [];
    for (const next of [1, 2]) {
      held.push(pool.pin());
      await publish(pool, memory, next);
    }
    const call = { timeoutMs: 5 };
    await expect(pool.publish(() => 'never', call)).rejects.toThrow(
      'None of the 3 versions could be written within 5 ms: one is current, and readers have not released the others.',
    );
    const controller = new AbortController();
    const aborted = pool.publish(() => 'never', { signal: controller.signal });
    const waiting = pool.publish((_, to) => {
      memory[to] = 3;
      return 'published';
    });
    for (let turn = 0; turn < 10; turn++) await setImmediate();
    controller.abort(new Error('not wanted any more'));
    await expect(aborted).rejects.toThrow('not wanted any more');
    held[1]!.release();
    await expect(waiting).resolves.toBe('published');
    expect(memory[held[0]!.slot]).toBe(0);
    held[0]!.release();
    expect(pool.free).toBe(2);
  });

  it('lets a thread wait too, without keeping the loop from publishing or reading', async () => {
    const state = createVersionPool(3);
    const pool = new VersionPool(state);
    const held = [pool.pin()];
    await pool.publish(() => undefined);
    held.push(pool.pin());
    await pool.publish(() => undefined);
    const worker = startWorker(
      `
        import { parentPort, workerData } from 'node:worker_threads';
        import { VersionPool } from './immutable-snapshot/version-pool.js';
        const pool = new VersionPool(workerData);
        try {
          pool.publishFromThread(() => 'never', { timeoutMs: 1 });
        } catch (error) {
          parentPort.postMessage(error.name);
        }
        parentPort.postMessage(pool.publishFromThread((from, to) => [from, to]));
      `,
      state,
    );
    workers.push(worker);
    expect(await nextMessage(worker)).toBe('WaitTimeout');
    const published = nextMessage(worker);
    const current = pool.read((slot) => slot);
    const freed = held[0]!.slot;
    held[0]!.release();
    expect(await published).toEqual([current, freed]);
    held[1]!.release();
    expect(pool.free).toBe(2);
  });

  it('lets writers go on after one that was terminated in the midst of writing', async () => {
    const state = createVersionPool(3);
    const pool = new VersionPool(state);
    const worker = startWorker(
      `
        import { parentPort, workerData } from 'node:worker_threads';
        import { VersionPool } from './immutable-snapshot/version-pool.js';
        const pool = new VersionPool(workerData);
        pool.publishFromThread(() => {
          parentPort.postMessage(pool.owner);
          Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
        });
      `,
      state,
    );
    const owner = (await nextMessage(worker)) as number;
    await worker.terminate();
    expect(pool.read((slot) => slot)).toBe(0);
    await expect(pool.publish(() => 'never', { timeoutMs: 5 })).rejects.toThrow(`recover(${owner})`);
    expect(pool.recover(owner)).toBe(true);
    await expect(pool.publish((from) => from)).resolves.toBe(0);
    expect(pool.free).toBe(2);
  });

  it('refuses a size that is too small or too large, a negative time-out, and to block the loop', async () => {
    expect(() => createVersionPool(2)).toThrow('versions must be a whole number from 3 to 1024, but it is 2.');
    expect(() => createVersionPool(1_025)).toThrow(RangeError);
    const pool = new VersionPool(createVersionPool(3));
    await expect(pool.publish(() => 1, { timeoutMs: -1 })).rejects.toThrow(RangeError);
    expect(() => pool.publishFromThread(() => 1)).toThrow('would block the event loop');
  });
});
