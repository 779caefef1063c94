import { describe, expect, it, vi } from 'vitest';
import { UncloneablePayload } from '../primitives/payload.js';
import { WaitTimeout } from '../primitives/limit-errors.js';
import { createPublishedWatchedValue, PublishedValueWatcher, type PublishedWatchedValueOptions } from './published.js';
import { SimplifiedValueWatcher } from './simplified.js';
import { WatchedValueTooLarge } from './watcher-errors.js';

const watch = <T>(initial: T, options?: PublishedWatchedValueOptions): PublishedValueWatcher<T> =>
  new PublishedValueWatcher(createPublishedWatchedValue(initial, options));

// Its faults, and behaviour that takes several agents, are tested by scenarios/value-watcher.
describe('PublishedValueWatcher', () => {
  it('sets, and tells whether that changed anything', () => {
    const watcher = watch('a');
    expect([watcher.set('b'), watcher.value, watcher.set('b')]).toEqual([true, 'b', false]);
    expect([watcher.setIf('c', (value) => value === 'a'), watcher.setIf('c', (value) => value === 'b')]).toEqual([
      false,
      true,
    ]);
    expect(watcher.value).toBe('c');
  });

  it('lets go of its lock whatever goes wrong', () => {
    const watcher = watch<unknown>('a', { valueBytes: 16 });
    const fail = (): never => {
      throw new Error('no good');
    };
    expect(() => watcher.setIf('b', fail)).toThrow('no good');
    expect(() => watcher.set(fail)).toThrow(UncloneablePayload);
    expect(() => watcher.set('x'.repeat(20))).toThrow(WatchedValueTooLarge);
    expect([watcher.set('b'), watcher.value]).toEqual([true, 'b']);
  });

  it('has all the waits', async () => {
    const watcher = watch<string | null>('a');
    expect(await watcher.waitFor('a')).toBe('a');
    const waits = [
      watcher.waitFor('a', { immediate: false }),
      watcher.waitForNot('a'),
      watcher.waitForNotNull({ immediate: false }),
      watcher.waitForChange(),
      watcher.waitUntil((value) => value === 'b', { timeoutMs: 60_000 }),
    ];
    for (const value of [null, 'a', 'b']) watcher.set(value);
    expect(await Promise.all(waits)).toEqual(['a', null, 'a', null, 'b']);
  });

  it('ends waits after their time, or when they are called off, and takes no room for them any more', async () => {
    const watcher = watch('a', { consumers: 1 });
    await expect(watcher.waitFor('b', { timeoutMs: 1 })).rejects.toThrow(WaitTimeout);
    const calledOff = new AbortController();
    const waiting = watcher.waitFor('b', { signal: calledOff.signal });
    await expect(watcher.waitFor('b')).rejects.toThrow('There are 1 consumers already');
    calledOff.abort(new Error('called off'));
    await expect(waiting).rejects.toThrow('called off');
    await expect(watcher.waitFor('b', { signal: calledOff.signal })).rejects.toThrow('called off');
    await expect(watcher.waitFor('b', { timeoutMs: -1 })).rejects.toThrow(RangeError);
    const last = watcher.waitFor('b');
    watcher.set('b');
    expect(await last).toBe('b');
  });

  it('calls back within set, and goes on if that throws', () => {
    const watcher = watch('a');
    const seen = vi.fn();
    watcher.onChange(() => {
      throw new Error('no good');
    });
    watcher.onChange(seen);
    watcher.set('b');
    expect(seen.mock.calls).toEqual([['a', 'b']]);
  });

  it('calls back once for a value', async () => {
    const watcher = watch('a');
    const seen = vi.fn(() => {
      throw new Error('no good');
    });
    watcher.onValue('b', seen);
    const waits = ['b', 'c'].map((value) => watcher.waitFor(value));
    for (const value of ['b', 'a', 'b', 'c']) watcher.set(value);
    await Promise.all(waits);
    expect(seen).toHaveBeenCalledTimes(1);
  });

  it('refuses options that are out of bounds', () => {
    for (const options of [{ consumers: 0 }, { valueBytes: 0 }, { consumers: 1.5 }]) {
      expect(() => createPublishedWatchedValue('a', options)).toThrow(RangeError);
    }
  });
});

describe('SimplifiedValueWatcher', () => {
  it('tells who waits, even of a value that is over', async () => {
    const watcher = new SimplifiedValueWatcher('a');
    const waiting = watcher.waitFor('b');
    expect(watcher.consumers).toBe(1);
    watcher.set('b');
    watcher.set('c');
    await waiting;
    expect([watcher.value, watcher.consumers]).toEqual(['c', 0]);
    await watcher.waitFor('c');
    expect(watcher.consumers).toBe(0);
  });

  it('tells nobody of what is equal', async () => {
    const watcher = new SimplifiedValueWatcher({ a: 1 });
    let isOver = false;
    void watcher.waitFor({ a: 2 }).then(() => (isOver = true));
    watcher.set({ a: 1 });
    const { value } = watcher;
    value.a = 2;
    watcher.set(value);
    await new Promise((resolve) => setImmediate(resolve));
    expect(isOver).toBe(false);
  });
});
