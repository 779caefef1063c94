import { describe, expect, it } from 'vitest';
import { WaitTimeout } from '../primitives/limit-errors.js';
import { AsyncCondition } from './async-condition.js';

describe('AsyncCondition', () => {
  it('lets go of its lock while it waits, and has it again afterwards', async () => {
    const condition = new AsyncCondition();
    let ready = false;
    const waiting = condition.withLock(async () => {
      await condition.waitFor(() => ready);
      return condition.locked;
    });
    await condition.withLock(() => {
      ready = true;
      condition.notifyAll();
    });
    expect([await waiting, condition.locked]).toEqual([true, false]);
  });

  it('does not wait for what is true already', async () => {
    const condition = new AsyncCondition();
    await condition.withLock(() => condition.waitFor(() => true, { timeoutMs: 0 }));
  });

  it('wakes as many as it is told to, in order', async () => {
    const condition = new AsyncCondition();
    const woken: number[] = [];
    const waits = [0, 1, 2].map((name) => condition.withLock(() => condition.wait().then(() => woken.push(name))));
    await condition.withLock(() => condition.notify());
    await condition.withLock(() => condition.notify(2));
    await Promise.all(waits);
    expect(woken).toEqual([0, 1, 2]);
  });

  it('has the lock again when a wait is given up', async () => {
    const condition = new AsyncCondition();
    const held = await condition.withLock(async () => {
      await expect(condition.wait({ timeoutMs: 1 })).rejects.toThrow(WaitTimeout);
      await expect(condition.waitFor(() => false, { timeoutMs: 1 })).rejects.toThrow(WaitTimeout);
      await expect(condition.wait({ signal: AbortSignal.abort(new Error('off')) })).rejects.toThrow('off');
      await expect(condition.wait({ timeoutMs: -1 })).rejects.toThrow(RangeError);
      await expect(condition.waitFor(() => false, { timeoutMs: -1 })).rejects.toThrow(RangeError);
      condition.notifyAll();
      return condition.locked;
    });
    expect([held, condition.locked]).toEqual([true, false]);
  });

  it('insists on the lock', async () => {
    const condition = new AsyncCondition();
    await expect(condition.wait()).rejects.toThrow('wait() was called without the lock.');
    expect(() => condition.notifyAll()).toThrow('notify() was called without the lock.');
  });

  it('gives the lock back if the section throws', async () => {
    const condition = new AsyncCondition();
    await expect(condition.withLock(() => Promise.reject(new Error('no good')))).rejects.toThrow('no good');
    expect(condition.locked).toBe(false);
  });
});
