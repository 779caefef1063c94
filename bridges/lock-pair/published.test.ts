import { once } from 'node:events';
import { MessageChannel, type Worker } from 'node:worker_threads';
import { afterEach, describe, expect, it } from 'vitest';
import { AsyncQueue } from '../primitives/async-queue.js';
import { nextMessage, startWorker } from '../testing/start-worker.js';
import { PublishedLockPair, PublishedLocks, StateReadTimeout } from './published.js';
import { createStateLock } from './state-lock.js';
import { createLockPair } from './state.js';

const workers: Worker[] = [];

afterEach(async () => {
  for (const worker of workers.splice(0)) await worker.terminate();
});

describe('PublishedLockPair', () => {
  it('lets a thread update, tells the loop of the key, and reads a snapshot', async () => {
    const state = createLockPair();
    const notified: string[] = [];
    const manager = new PublishedLockPair<string>(state, (key) => notified.push(key));
    const worker = startWorker(
      `
        import { parentPort, workerData } from 'node:worker_threads';
        import { PublishedLockPair } from './lock-pair/published.js';
        new PublishedLockPair(workerData).updateFromThread('key_1', 'val_1', parentPort);
      `,
      state,
    );
    workers.push(worker);
    manager.listen(worker);
    await nextMessage(worker);
    expect(notified).toEqual(['key_1']);
    const found = await manager.read({}, (snapshot) => snapshot.get('key_1'));
    expect(found).toBe('val_1');
  });

  it('keeps its coroutines apart, unless one of them times out', async () => {
    const locks = new PublishedLocks(createStateLock());
    const order: string[] = [];
    const gate = new AsyncQueue<string>();
    const first = locks.withAsyncLock({}, async () => {
      order.push('first in');
      await gate.get();
      order.push('first out');
    });
    const second = locks.withAsyncLock({}, () => order.push('second in'));
    await gate.put('go on');
    await Promise.all([first, second]);
    expect(order).toEqual(['first in', 'first out', 'second in']);
  });

  it('says loop starvation when the lock is not to be had, and frees it though another one has it', async () => {
    const locks = new PublishedLocks(createStateLock());
    const gate = new AsyncQueue<string>();
    let inside = false;
    const first = locks.withAsyncLock({}, async () => {
      inside = true;
      await gate.get();
      inside = false;
    });
    const second = locks.withAsyncLock({ timeoutMs: 1 }, () => undefined);
    await expect(second).rejects.toThrow(StateReadTimeout);
    await expect(second).rejects.toThrow('state read timed out: loop starvation?');
    await locks.withAsyncLock({}, () => expect(inside).toBe(true));
    await gate.put('go on');
    await first;
  });

  it('passes on what the body throws, and gives the lock back', async () => {
    const manager = new PublishedLockPair<string>(createLockPair());
    const fail = (): never => {
      throw new SyntaxError('no good');
    };
    await expect(manager.read({}, fail)).rejects.toThrow(SyntaxError);
    await expect(manager.read({ timeoutMs: Infinity }, (snapshot) => snapshot.size)).resolves.toBe(0);
  });

  it('refuses a negative time-out, and what does not fit', async () => {
    const manager = new PublishedLockPair<unknown>(createLockPair({ entries: 1, entryBytes: 16 }));
    await expect(manager.read({ timeoutMs: -1 }, () => undefined)).rejects.toThrow(RangeError);
    const { port1, port2 } = new MessageChannel();
    expect(() => manager.updateFromThread('a', () => 1, port1)).toThrow('cannot be sent to another agent');
    expect(() => manager.updateFromThread('a', 'x'.repeat(20), port1)).toThrow('entryBytes');
    manager.updateFromThread('a', 1, port1);
    expect(await once(port2, 'message')).toEqual(['a']);
    port1.close();
  });
});
