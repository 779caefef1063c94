import { describe, expect, it, vi } from 'vitest';
import { UncloneablePayload } from '../primitives/payload.js';
import { WaitTimeout } from '../primitives/limit-errors.js';
import { readWatchedValue, ValueWatcher } from './hardened.js';
import { TransitionLog } from './transition-log.js';
import { createWatchedValue, type WatchedValueOptions } from './watched-value.js';
import { FollowerOverrun, WatchedValueTooLarge, WatcherClosed, WatcherLagging } from './watcher-errors.js';

const watch = <T>(initial: T, options?: WatchedValueOptions): ValueWatcher<T> =>
  new ValueWatcher(createWatchedValue(initial, options));
/** As many turns of the event loop as a follower needs to show what is in the log. */
const shown = async (): Promise<void> => {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
};

// Behaviour that takes several agents, or a certain order of events, is tested by scenarios/value-watcher.
describe('ValueWatcher', () => {
  describe('set', () => {
    it('changes the value, and says so', () => {
      const watcher = watch('a');
      expect([watcher.set('b'), watcher.value, watcher.set('b')]).toEqual([true, 'b', false]);
    });

    it('takes what is equal as data for the same', () => {
      const watcher = watch<unknown>({ one: 1, two: [2, NaN] });
      expect(watcher.set({ two: [2, NaN], one: 1 })).toBe(false);
      expect(watcher.set({ two: [2, NaN], one: 0 })).toBe(true);
      expect([watcher.set(0), watcher.set(-0), watcher.set(-0)]).toEqual([true, true, false]);
      expect([watcher.set(NaN), watcher.set(NaN)]).toEqual([true, false]);
      expect([watcher.set(new Map([[1, 2]])), watcher.set(new Map([[1, 2]]))]).toEqual([true, false]);
      expect([watcher.set(undefined), watcher.set(null)]).toEqual([true, true]);
    });

    it('notices that an object was changed in place, for it has a copy', () => {
      const settings = { debug: false };
      const watcher = watch(settings);
      settings.debug = true;
      expect([watcher.value.debug, watcher.set(settings), watcher.value.debug]).toEqual([false, true, true]);
    });

    it('refuses what cannot be copied, and what is too large, and changes nothing', () => {
      const watcher = watch<unknown>('a', { valueBytes: 16 });
      expect(() => watcher.set(() => 1)).toThrow(UncloneablePayload);
      expect(() => watcher.set({ port: new SharedArrayBuffer(1) })).toThrow(UncloneablePayload);
      expect(() => watcher.set('x'.repeat(13))).toThrow(WatchedValueTooLarge);
      expect(() => watcher.set('x'.repeat(13))).toThrow('The value takes 17 bytes, and there is room for 16');
      expect(watcher.set('x'.repeat(12))).toBe(true);
      expect(() => createWatchedValue('x'.repeat(13), { valueBytes: 16 })).toThrow(WatchedValueTooLarge);
    });

    it('refuses a time that is none', async () => {
      const watcher = watch('a');
      expect(() => watcher.set('b', { timeoutMs: -1 })).toThrow(RangeError);
      expect(() => watcher.setIf('b', () => true, { timeoutMs: NaN })).toThrow(RangeError);
      await expect(watcher.setAsync('b', { timeoutMs: -1 })).rejects.toThrow(RangeError);
      expect(watcher.value).toBe('a');
    });
  });

  describe('setIf', () => {
    it('changes the value only if the predicate says so', () => {
      const watcher = watch('open');
      expect(watcher.setIf('closed', (state) => state === 'closing')).toBe(false);
      expect(watcher.setIf('closing', (state) => state === 'open')).toBe(true);
      expect(watcher.setIf('closing', () => true)).toBe(false);
      expect(watcher.value).toBe('closing');
    });

    it('throws what the predicate throws, and goes on as if nothing had been', () => {
      const watcher = watch('a');
      const fail = (): never => {
        throw new Error('no good');
      };
      expect(() => watcher.setIf('b', fail)).toThrow('no good');
      expect([watcher.value, watcher.set('b')]).toEqual(['a', true]);
    });

    it('lets the predicate do with its copy, and with the watcher, what it likes', () => {
      const watcher = watch({ count: 1 });
      const meddle = (current: { count: number }): boolean => {
        current.count = 7;
        return watcher.value.count === 1;
      };
      expect(watcher.setIf({ count: 2 }, meddle)).toBe(true);
      const set = (): boolean => watcher.set({ count: 3 }) || watcher.value.count === 3;
      expect([watcher.setIf({ count: 4 }, set), watcher.value.count]).toEqual([true, 4]);
    });
  });

  describe('waiting', () => {
    it('is over at once if the value is there', async () => {
      const watcher = watch<string | null>('a');
      expect(await watcher.waitFor('a')).toBe('a');
      expect(await watcher.waitForNot('b')).toBe('a');
      expect(await watcher.waitForNotNull()).toBe('a');
      expect(watcher.consumers).toBe(0);
    });

    it('wants a change if it is not to be immediate', async () => {
      const watcher = watch<string | null>('a');
      const waits = [
        watcher.waitFor('a', { immediate: false }),
        watcher.waitForNot('x', { immediate: false }),
        watcher.waitForNotNull({ immediate: false }),
        watcher.waitForChange(),
        watcher.waitUntil((value) => value !== null && value > 'a', { immediate: false }),
      ];
      for (const value of [null, 'a', 'x', 'b']) watcher.set(value);
      expect(await Promise.all(waits)).toEqual(['a', null, 'a', null, 'x']);
      watcher.close();
    });

    it('misses no value, however short', async () => {
      const watcher = watch('connected');
      const draining = watcher.waitFor('closing');
      watcher.set('closing');
      watcher.set('closed');
      expect(await draining).toBe('closing');
      watcher.close();
    });

    it('compares with what was asked for when it was asked for', async () => {
      const watcher = watch({ state: 'a' });
      const target = { state: 'b' };
      const waiting = watcher.waitFor(target);
      target.state = 'c';
      watcher.set({ state: 'b' });
      expect(await waiting).toEqual({ state: 'b' });
      await expect(watch<unknown>(1).waitFor(() => 1)).rejects.toThrow(UncloneablePayload);
      watcher.close();
    });

    it('ends after its time, and leaves nothing behind', async () => {
      const watcher = watch('a');
      await expect(watcher.waitFor('b', { timeoutMs: 1 })).rejects.toThrow(WaitTimeout);
      await expect(watcher.waitForChange({ timeoutMs: 0 })).rejects.toThrow('No matching value arrived within 0 ms.');
      expect(await watcher.waitFor('a', { timeoutMs: 0 })).toBe('a');
      expect(watcher.consumers).toBe(0);
      watcher.close();
    });

    it('refuses a negative time', async () => {
      const watcher = watch('a');
      await expect(watcher.waitFor('a', { timeoutMs: -1 })).rejects.toThrow(RangeError);
      await expect(watcher.waitForChange({ timeoutMs: -1 })).rejects.toThrow(RangeError);
    });

    it('ends when its signal says so', async () => {
      const watcher = watch('a');
      const waiting = watcher.waitFor('b', { signal: AbortSignal.abort(new Error('before')) });
      await expect(waiting).rejects.toThrow('before');
      const calledOff = new AbortController();
      const pending = watcher.waitFor('b', { signal: calledOff.signal });
      calledOff.abort(new Error('after'));
      await expect(pending).rejects.toThrow('after');
      expect(watcher.consumers).toBe(0);
      watcher.close();
    });

    it('fails with what its predicate throws, and it alone', async () => {
      const watcher = watch(0);
      const fail = (value: number): boolean => {
        if (value === 1) throw new Error('no good');
        return false;
      };
      const failing = watcher.waitUntil(fail);
      const other = watcher.waitFor(2);
      watcher.set(1);
      watcher.set(2);
      await expect(failing).rejects.toThrow('no good');
      expect(await other).toBe(2);
      await expect(watch(1).waitUntil(fail)).rejects.toThrow('no good');
      watcher.close();
    });

    it('gives each consumer a copy of its own', async () => {
      const watcher = watch<{ list: number[] }>({ list: [] });
      const waits = [1, 2].map((number) => watcher.waitForChange().then(({ list }) => list.push(number)));
      watcher.set({ list: [0] });
      expect(await Promise.all(waits)).toEqual([2, 2]);
      watcher.close();
    });
  });

  describe('callbacks', () => {
    it('are called for every change, in order, and never within set', async () => {
      const watcher = watch('a');
      const seen: unknown[] = [];
      const stop = watcher.onChange((from, to, version) => seen.push([from, to, version]));
      watcher.set('b');
      watcher.set('c');
      expect(seen).toEqual([]);
      await shown();
      expect(seen).toEqual([
        ['a', 'b', 1],
        ['b', 'c', 2],
      ]);
      stop();
      watcher.set('d');
      await shown();
      expect([seen.length, watcher.consumers]).toEqual([2, 0]);
      watcher.close();
    });

    it('that begin late are not told of what was before', async () => {
      const watcher = watch(0);
      const [early, late]: number[][] = [[], []];
      watcher.onChange((_, to) => early!.push(to));
      watcher.set(1);
      watcher.onChange((_, to) => late!.push(to));
      watcher.set(2);
      await shown();
      expect([early, late]).toEqual([[1, 2], [2]]);
      watcher.close();
    });

    it('that set the value, or come and go, mix nothing up', async () => {
      const watcher = watch(0);
      const seen: number[] = [];
      watcher.onChange((_, to) => to < 3 && watcher.set(to + 1));
      const stop = watcher.onChange((_, to) => {
        if (to !== 2) return;
        stop();
        watcher.onChange((from) => seen.push(-from));
      });
      watcher.onChange((_, to) => seen.push(to));
      watcher.set(1);
      for (let turn = 0; turn < 3; turn++) await shown();
      watcher.set(9);
      await shown();
      expect(seen).toEqual([1, 2, 3, 9, -3]);
      watcher.close();
    });

    it('that throw, or reject, are reported and stop nobody', async () => {
      const onError = vi.fn();
      const watcher = new ValueWatcher(createWatchedValue(0), { onError });
      const seen: number[] = [];
      watcher.onChange(() => {
        throw new Error('thrown');
      });
      watcher.onChange(() => Promise.reject(new Error('rejected')));
      watcher.onChange((_, to) => seen.push(to));
      watcher.set(1);
      watcher.set(2);
      await shown();
      expect(seen).toEqual([1, 2]);
      const messages = onError.mock.calls.map(([error]) => (error as Error).message).sort();
      expect(messages).toEqual(['rejected', 'rejected', 'thrown', 'thrown']);
      watcher.close();
    });

    it('that throw are told to the process if nobody else wants to know', async () => {
      const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
      const fail = (): never => {
        throw new Error('no good');
      };
      const plain = watch(0);
      plain.onChange(fail);
      plain.set(1);
      const withBadReporter = new ValueWatcher(createWatchedValue(0), { onError: fail });
      withBadReporter.onValue(0, fail);
      await shown();
      expect(warned.mock.calls.map(([warning]) => (warning as Error).cause)).toEqual([
        new Error('no good'),
        new Error('no good'),
      ]);
      warned.mockRestore();
      plain.close();
      withBadReporter.close();
    });

    it('for one value are called once, at once if it is there', async () => {
      const watcher = watch('a');
      const [present, future, stopped] = [vi.fn(), vi.fn(), vi.fn()];
      watcher.onValue('a', present);
      watcher.onValue('b', future);
      const stop = watcher.onValue('b', stopped);
      stop();
      watcher.onValue('a', stopped)();
      expect(present).not.toHaveBeenCalled();
      for (const value of ['b', 'a', 'b', 'a']) watcher.set(value);
      await shown();
      expect([present, future, stopped].map(({ mock }) => mock.calls.length)).toEqual([1, 1, 0]);
      expect(() => watch<unknown>(1).onValue(() => 1, present)).toThrow(UncloneablePayload);
      watcher.close();
    });
  });

  describe('a follower', () => {
    it('gives every transition from the moment on at which it was made', async () => {
      const watcher = watch(0);
      watcher.set(1);
      const follower = watcher.follow();
      watcher.set(2);
      watcher.set(3);
      expect([follower.initial, follower.since]).toEqual([1, 1]);
      expect(await follower.take()).toEqual({ version: 2, from: 1, to: 2 });
      expect(await follower.take({ timeoutMs: 1_000 })).toEqual({ version: 3, from: 2, to: 3 });
      await expect(follower.take({ timeoutMs: 1 })).rejects.toThrow(WaitTimeout);
      const pending = follower.until(({ to }) => to === 5, { timeoutMs: 10_000 });
      watcher.set(4);
      watcher.set(5);
      expect(await pending).toEqual({ version: 5, from: 4, to: 5 });
      await expect(follower.until(() => true, { timeoutMs: -1 })).rejects.toThrow(RangeError);
      watcher.close();
    });

    it('can be looped over until the watcher is closed', async () => {
      const watcher = watch(0);
      const follower = watcher.follow();
      const seen: number[] = [];
      watcher.set(1);
      watcher.set(2);
      await shown();
      watcher.close();
      for await (const { to } of follower) seen.push(to);
      expect(seen).toEqual([1, 2]);
      await expect(follower.take()).rejects.toThrow(WatcherClosed);
    });

    it('is closed by whoever leaves the loop', async () => {
      const watcher = watch(0);
      const follower = watcher.follow();
      watcher.set(1);
      for await (const { to } of follower) if (to === 1) break;
      expect(watcher.consumers).toBe(0);
      await expect(follower.take()).rejects.toThrow('The follower has been closed.');
      follower.close();
      watcher.close();
    });

    it('that lets too much wait is left behind, loudly, and nobody else is', async () => {
      const watcher = watch(0);
      const [slow, fast] = [watcher.follow({ capacity: 2 }), watcher.follow()];
      for (const value of [1, 2, 3, 4]) watcher.set(value);
      await shown();
      expect([slow.size, fast.size, watcher.consumers]).toEqual([2, 4, 1]);
      expect([(await slow.take()).to, (await slow.take()).to]).toEqual([1, 2]);
      await expect(slow.take()).rejects.toThrow(FollowerOverrun);
      await expect(slow.take()).rejects.toThrow(
        '2 transitions are waiting to be taken, so number 3 and later ones are missed.',
      );
      const looped = async (): Promise<void> => {
        for await (const _ of slow);
      };
      await expect(looped()).rejects.toThrow(FollowerOverrun);
      expect(() => watcher.follow({ capacity: 0 })).toThrow(RangeError);
      watcher.close();
    });
  });

  describe('a full log', () => {
    const fill = (): { setter: ValueWatcher<number>; lagging: ValueWatcher<number> } => {
      const shared = createWatchedValue(0, { capacity: 2 });
      const [setter, lagging] = [new ValueWatcher(shared), new ValueWatcher(shared)];
      lagging.follow();
      setter.set(1);
      setter.set(2);
      return { setter, lagging };
    };

    it('refuses to be set, says why, and changes nothing', () => {
      const { setter, lagging } = fill();
      const why = `No room now: the watcher at place ${lagging.place} has not seen the last 2 transitions.`;
      expect(() => setter.set(3)).toThrow(WatcherLagging);
      expect(() => setter.set(3)).toThrow(why);
      expect(() => lagging.set(3)).toThrow('No room now: this watcher has not seen');
      expect([setter.value, setter.set(2), setter.setIf(9, () => false)]).toEqual([2, false, false]);
    });

    it('can be waited for by a loop', async () => {
      const { setter, lagging } = fill();
      expect(await setter.setAsync(3)).toBe(true);
      expect(await lagging.setIfAsync(4, (value) => value === 3)).toBe(true);
      expect(setter.value).toBe(4);
      setter.close();
      lagging.close();
    });

    it('is waited for no longer than was said', async () => {
      const { setter, lagging } = fill();
      // The follower's loop is this one, which is blocked in the meantime.
      expect(() => setter.set(3, { timeoutMs: 1 })).toThrow('No room within 1 ms');
      expect(() => lagging.set(3, { timeoutMs: 60_000 })).toThrow(WatcherLagging);
      const late = setter.setAsync(3, { timeoutMs: 0 });
      await expect(late).rejects.toThrow(WatcherLagging);
      setter.close();
      lagging.close();
    });

    it('has room again when the one that lags is closed or recovered', () => {
      const closed = fill();
      closed.lagging.close();
      expect(closed.setter.set(3)).toBe(true);
      const recovered = fill();
      expect(recovered.setter.recover(recovered.lagging.place)).toBe(true);
      expect(recovered.setter.set(3)).toBe(true);
    });

    it('ends the wait of one that is closed', async () => {
      const shared = createWatchedValue(0, { capacity: 2 });
      const setter = new ValueWatcher(shared);
      new TransitionLog(shared).follow();
      setter.set(1);
      setter.set(2);
      const waiting = setter.setAsync(3);
      setter.close();
      await expect(waiting).rejects.toThrow(WatcherClosed);
    });
  });

  describe('close', () => {
    it('rejects what waits, and refuses what comes', async () => {
      const shared = createWatchedValue('a');
      const watcher = new ValueWatcher(shared);
      const callback = vi.fn();
      watcher.onChange(callback);
      watcher.onValue('b', callback);
      const waits = [watcher.waitFor('b'), watcher.waitForChange(), watcher.follow().take()];
      watcher.close();
      watcher.close();
      for (const wait of waits) await expect(wait).rejects.toThrow(WatcherClosed);
      for (const late of [watcher.waitFor('b'), watcher.waitFor('a'), watcher.setAsync('b')]) {
        await expect(late).rejects.toThrow(WatcherClosed);
      }
      expect(() => watcher.set('b')).toThrow(WatcherClosed);
      expect(() => watcher.setIf('b', () => true)).toThrow(WatcherClosed);
      expect(() => watcher.follow()).toThrow(WatcherClosed);
      expect(() => watcher.onChange(callback)).toThrow(WatcherClosed);
      expect(() => watcher.onValue('b', callback)).toThrow(WatcherClosed);
      new ValueWatcher(shared).set('b');
      await shown();
      expect([watcher.value, callback.mock.calls.length]).toEqual(['b', 0]);
    });

    it('frees the place, and touches no other watcher', async () => {
      const shared = createWatchedValue(0, { handles: 2 });
      const [first, second] = [new ValueWatcher(shared), new ValueWatcher(shared)];
      const waiting = second.waitFor(1);
      first.follow();
      first.close();
      const third = new ValueWatcher(shared);
      expect(third.place).toBe(0);
      expect(() => new ValueWatcher(shared)).toThrow(RangeError);
      third.set(1);
      expect(await waiting).toBe(1);
      second.close();
      third.close();
    });

    it('may be called by a callback and by a predicate', async () => {
      const watcher = watch(0);
      const after = vi.fn();
      watcher.onChange(() => watcher.close());
      watcher.onChange(after);
      const waiting = watcher.waitFor(2);
      watcher.set(1);
      await expect(waiting).rejects.toThrow(WatcherClosed);
      expect(after).not.toHaveBeenCalled();
      const other = watch(0);
      const third = watch(0);
      const closing = (): boolean => {
        third.close();
        return true;
      };
      expect(() => third.setIf(1, closing)).toThrow(WatcherClosed);
      expect(third.value).toBe(0);
      const suicidal = other.waitUntil(() => {
        other.close();
        return false;
      });
      await expect(suicidal).rejects.toThrow(WatcherClosed);
    });
  });

  it('refuses options that are out of bounds, and places that are none', () => {
    for (const options of [
      { capacity: 1 },
      { capacity: 32_769 },
      { handles: 0 },
      { valueBytes: 0 },
      { handles: 1.5 },
    ]) {
      expect(() => createWatchedValue(0, options)).toThrow(RangeError);
    }
    expect(() => watch(0).recover(64)).toThrow(RangeError);
    expect(watch(0).recover(1)).toBe(false);
    expect(() => watch(0).recover(0)).toThrow("Place 0 is this watcher's own: close() it instead.");
  });

  it('can be read without being watched', () => {
    const shared = createWatchedValue('a', { handles: 1 });
    const watcher = new ValueWatcher(shared);
    watcher.set('b');
    expect(readWatchedValue(shared)).toBe('b');
  });
});
