import { describe, expect, it } from 'vitest';
import { WaitTimeout } from '../primitives/limit-errors.js';
import { AsyncEvent } from './async-event.js';

describe('AsyncEvent', () => {
  it('lets everybody go when it is set, and whoever comes later', async () => {
    const event = new AsyncEvent();
    const waits = [event.wait(), event.wait({ timeoutMs: 60_000 })];
    event.set();
    event.set();
    await Promise.all(waits);
    await event.wait();
    expect(event.isSet).toBe(true);
  });

  it('wakes who waits even if it is cleared at once, and nobody who comes then', async () => {
    const event = new AsyncEvent();
    const waiting = event.wait();
    event.set();
    event.clear();
    await waiting;
    expect(event.isSet).toBe(false);
    await expect(event.wait({ timeoutMs: 1 })).rejects.toThrow(WaitTimeout);
  });

  it('can be given up', async () => {
    const event = new AsyncEvent();
    await expect(event.wait({ signal: AbortSignal.abort(new Error('called off')) })).rejects.toThrow('called off');
    await expect(event.wait({ timeoutMs: -1 })).rejects.toThrow(RangeError);
    event.set();
    await event.wait();
  });
});
