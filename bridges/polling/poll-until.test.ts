import { describe, expect, it, vi } from 'vitest';
import { WaitTimeout } from '../primitives/limit-errors.js';
import { pollUntil } from './poll-until.js';

describe('pollUntil', () => {
  it('looks at once, and sleeps between looks', async () => {
    vi.useFakeTimers();
    try {
      const looks = vi.fn(() => looks.mock.calls.length);
      const found = pollUntil(looks, (count) => count === 3);
      expect(looks).toHaveBeenCalledTimes(1);
      await vi.advanceTimersByTimeAsync(99);
      expect(looks).toHaveBeenCalledTimes(1);
      await vi.advanceTimersByTimeAsync(101);
      expect(looks).toHaveBeenCalledTimes(3);
      expect(await found).toBe(3);
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });

  it('ends after its time, or when it is called off', async () => {
    const never = pollUntil(
      () => 0,
      () => false,
      { intervalMs: 1, timeoutMs: 3 },
    );
    await expect(never).rejects.toThrow(WaitTimeout);
    const calledOff = new AbortController();
    const polling = pollUntil(
      () => 0,
      () => false,
      { intervalMs: 1_000_000, signal: calledOff.signal },
    );
    calledOff.abort(new Error('called off'));
    await expect(polling).rejects.toThrow('called off');
  });

  it('fails with what its functions throw, and with times that are none', async () => {
    const fail = (): never => {
      throw new Error('no good');
    };
    const yes = (): boolean => true;
    await expect(pollUntil(fail, yes)).rejects.toThrow('no good');
    await expect(pollUntil(yes, fail)).rejects.toThrow('no good');
    await expect(pollUntil(yes, yes, { intervalMs: -1 })).rejects.toThrow(RangeError);
    await expect(pollUntil(yes, yes, { timeoutMs: -1 })).rejects.toThrow(RangeError);
    expect(await pollUntil(yes, yes, { timeoutMs: 0 })).toBe(true);
  });
});
