import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { AsyncQueue, QueueClosed } from './async-queue.js';
import { WaitTimeout } from './limit-errors.js';

/** The state of a promise after all work that can finish by itself. */
async function state(promise: Promise<unknown>): Promise<unknown> {
  let known: unknown = 'pending';
  promise.then(
    (value) => (known = { value }),
    (error: unknown) => (known = error),
  );
  await new Promise((resolve) => setImmediate(resolve));
  return known;
}

const filled = (...items: readonly string[]): AsyncQueue<string> => {
  const queue = new AsyncQueue<string>(Math.max(1, items.length));
  for (const item of items) queue.tryPut(item);
  return queue;
};

describe('AsyncQueue', () => {
  it('gives items out in the order in which they came in', async () => {
    const queue = new AsyncQueue<number | undefined>();
    for (const item of [1, undefined, 3]) await queue.put(item);
    expect(queue.size).toBe(3);
    expect([await queue.get(), await queue.get(), queue.tryGet()]).toEqual([1, undefined, { item: 3 }]);
    expect(queue.tryGet()).toBeUndefined();
  });

  it('serves those who wait for an item in the order in which they came', async () => {
    const queue = new AsyncQueue<string>(1);
    const getters = [queue.get(), queue.get()];
    expect(queue.tryPut('a')).toBe(true);
    expect(queue.tryPut('b')).toBe(true);
    expect(queue.size).toBe(0);
    expect(await Promise.all(getters)).toEqual(['a', 'b']);
  });

  it('holds no more than fits, and takes from those who wait for room in their order', async () => {
    const queue = filled('a', 'b');
    expect(queue.tryPut('x')).toBe(false);
    const putters = [queue.put('c'), queue.put('d')];
    expect(await state(putters[0]!)).toBe('pending');
    expect(await queue.get()).toBe('a');
    expect(await state(putters[0]!)).toEqual({ value: undefined });
    expect(await state(putters[1]!)).toBe('pending');
    expect(queue.size).toBe(2);
    expect(queue.tryPut('x')).toBe(false);
    expect([await queue.get(), await queue.get(), await queue.get()]).toEqual(['b', 'c', 'd']);
    await Promise.all(putters);
  });

  it.each([0, -1, 1.5, Number.NaN, 2 ** 31])('refuses a capacity of %s', (capacity) => {
    expect(() => new AsyncQueue(capacity)).toThrow(RangeError);
  });

  it('stays as fast when it holds a hundred thousand items', () => {
    const queue = new AsyncQueue<number>();
    for (let item = 0; item < 100_000; item++) queue.tryPut(item);
    for (let item = 0; item < 100_000; item++) {
      const found = queue.tryGet();
      if (found?.item !== item) throw new Error(`Found ${JSON.stringify(found)} instead of ${item}.`);
    }
    expect(queue.size).toBe(0);
  });

  it('waits for an item that is a promise, and hands it over as it is with tryGet', async () => {
    const queue = new AsyncQueue<unknown>();
    const item = Promise.resolve('later');
    await queue.put(item);
    await queue.put(item);
    expect(queue.tryGet()).toEqual({ item });
    expect(await queue.get()).toBe('later');
  });
});

describe('AsyncQueue, closed', () => {
  it('takes nothing more, and gives out what is left', async () => {
    const queue = filled('a', 'b');
    queue.close();
    queue.close();
    expect(queue.closed).toBe(true);
    expect(() => queue.tryPut('c')).toThrow(QueueClosed);
    await expect(queue.put('c')).rejects.toThrow('The queue has been closed: it accepts nothing more.');
    expect([await queue.get(), await queue.get()]).toEqual(['a', 'b']);
    await expect(queue.get()).rejects.toThrow('The queue has been closed, and all its items have been taken.');
    expect(queue.tryGet()).toBeUndefined();
  });

  it('tells those who wait, for an item or for room', async () => {
    const empty = new AsyncQueue<string>();
    const getters = [empty.get(), empty.get({ timeoutMs: 1_000 })];
    empty.close();
    for (const getter of getters) await expect(getter).rejects.toThrow(QueueClosed);

    const full = filled('a');
    const putter = full.put('b', { timeoutMs: 1_000 });
    full.close();
    await expect(putter).rejects.toThrow('The queue was closed before there was room.');
    expect(full.drain()).toEqual(['a']);
  });
});

describe('AsyncQueue, drained', () => {
  it('gives everything out, what others wait to add included, and these have added it', async () => {
    const queue = filled('a', 'b');
    const controller = new AbortController();
    const putters = [queue.put('c'), queue.put('d', { signal: controller.signal, timeoutMs: 1_000 })];
    expect(queue.drain()).toEqual(['a', 'b', 'c', 'd']);
    controller.abort();
    await Promise.all(putters);
    expect(queue.size).toBe(0);
    expect(queue.drain()).toEqual([]);
    expect(queue.tryPut('e')).toBe(true);
  });

  it('leaves those waiting who wait for an item', async () => {
    const queue = new AsyncQueue<string>();
    const getter = queue.get();
    expect(queue.drain()).toEqual([]);
    queue.tryPut('a');
    expect(await getter).toBe('a');
  });
});

describe('AsyncQueue, given up on', () => {
  it('looks at the signal first, even if there is nothing to wait for', async () => {
    const queue = filled('a');
    queue.tryGet();
    const signal = AbortSignal.abort(new Error('too late'));
    await expect(queue.put('b', { signal })).rejects.toThrow('too late');
    expect(queue.size).toBe(0);
    queue.tryPut('c');
    await expect(queue.get({ signal })).rejects.toThrow('too late');
    expect(queue.size).toBe(1);
  });

  it.each([-1, Number.NaN, 2 ** 31])(
    'refuses a time-out of %s, even if there is nothing to wait for',
    async (timeoutMs) => {
      const queue = new AsyncQueue<string>();
      await expect(queue.put('a', { timeoutMs })).rejects.toThrow(RangeError);
      expect(queue.size).toBe(0);
      await queue.put('a');
      await expect(queue.get({ timeoutMs })).rejects.toThrow(RangeError);
      expect(queue.size).toBe(1);
    },
  );

  it('has lost nothing when a get was aborted while it waited', async () => {
    const queue = new AsyncQueue<string>();
    const controller = new AbortController();
    const quitter = queue.get({ signal: controller.signal });
    const patient = queue.get();
    controller.abort(new Error('no patience'));
    queue.tryPut('a');
    await expect(quitter).rejects.toThrow('no patience');
    expect(await patient).toBe('a');
  });

  it('has added nothing when a put was aborted while it waited', async () => {
    const queue = filled('a');
    const controller = new AbortController();
    const quitter = queue.put('b', { signal: controller.signal });
    const patient = queue.put('c');
    controller.abort(new Error('no patience'));
    await expect(quitter).rejects.toThrow('no patience');
    expect([await queue.get(), await queue.get()]).toEqual(['a', 'c']);
    await patient;
  });

  it('gives its item to a get that is aborted in the turn in which it got it', async () => {
    const queue = new AsyncQueue<string>();
    const controller = new AbortController();
    const getter = queue.get({ signal: controller.signal, timeoutMs: 1_000 });
    queue.tryPut('a');
    controller.abort();
    expect(await getter).toBe('a');
  });

  it('gives its item to a get that a listener of the same signal serves', async () => {
    const queue = new AsyncQueue<string>();
    const controller = new AbortController();
    controller.signal.addEventListener('abort', () => queue.tryPut('a'));
    const served = queue.get({ signal: controller.signal });
    const other = queue.get();
    controller.abort();
    expect(await served).toBe('a');
    queue.tryPut('b');
    expect(await other).toBe('b');
  });

  it('counts a put as done that is aborted in the turn in which there was room', async () => {
    const queue = filled('a');
    const controller = new AbortController();
    const putter = queue.put('b', { signal: controller.signal });
    expect(queue.tryGet()).toEqual({ item: 'a' });
    controller.abort();
    await expect(putter).resolves.toBeUndefined();
    expect(queue.tryGet()).toEqual({ item: 'b' });
  });
});

describe('AsyncQueue, waited for with a time-out', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('rejects in time, and has taken or added nothing', async () => {
    const empty = new AsyncQueue<string>();
    const getter = state(empty.get({ timeoutMs: 10 }));
    const full = filled('a');
    const putter = state(full.put('b', { timeoutMs: 10 }));
    vi.advanceTimersByTime(10);
    expect(await getter).toEqual(new WaitTimeout('Nothing in the queue within 10 ms.'));
    expect(await putter).toEqual(new WaitTimeout('No room in the queue within 10 ms.'));
    empty.tryPut('a');
    expect([empty.drain(), full.drain()]).toEqual([['a'], ['a']]);
  });

  it('heeds whichever comes first, the signal or the time-out, and the other no more', async () => {
    const queue = new AsyncQueue<string>();
    const controllers = [new AbortController(), new AbortController()];
    const getters = controllers.map(({ signal }) => state(queue.get({ signal, timeoutMs: 10 })));
    controllers[0]!.abort(new Error('no patience'));
    vi.advanceTimersByTime(10);
    controllers[1]!.abort(new Error('too late'));
    expect(await getters[0]).toEqual(new Error('no patience'));
    expect(await getters[1]).toBeInstanceOf(WaitTimeout);
    queue.tryPut('a');
    expect(queue.size).toBe(1);
  });

  it('leaves no timer behind, and no listener', async () => {
    const queue = new AsyncQueue<string>(1);
    const { signal } = new AbortController();
    const removed = vi.spyOn(signal, 'removeEventListener');
    const getter = queue.get({ signal, timeoutMs: 10 });
    queue.tryPut('a');
    await getter;
    queue.tryPut('b');
    const putter = queue.put('c', { signal, timeoutMs: 10 });
    queue.drain();
    await putter;
    const refused = queue.get({ signal, timeoutMs: 10 });
    queue.close();
    await expect(refused).rejects.toThrow(QueueClosed);
    expect(vi.getTimerCount()).toBe(0);
    expect(removed).toHaveBeenCalledTimes(3);
  });
});

describe('AsyncQueue, used by many', () => {
  it('delivers each item that was put to exactly one get, whoever gives up and when', async () => {
    const step = fc.record({
      act: fc.constantFrom('put', 'get', 'tryGet', 'tryPut', 'abort', 'turn'),
      which: fc.nat({ max: 7 }),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 3 }),
        fc.array(step, { maxLength: 40 }),
        fc.boolean(),
        async (capacity, steps, drains) => {
          const queue = new AsyncQueue<number>(capacity);
          const added: number[] = [];
          const got: number[] = [];
          const controllers: AbortController[] = [];
          const calls: Promise<unknown>[] = [];
          const errors: Error[] = [];
          for (const [item, { act, which }] of steps.entries()) {
            const controller = new AbortController();
            if (act === 'abort') controllers[which % Math.max(1, controllers.length)]?.abort(new Error('no patience'));
            if (act === 'turn') await new Promise((resolve) => setImmediate(resolve));
            if (act === 'tryPut' && queue.tryPut(item)) added.push(item);
            if (act === 'tryGet') {
              const found = queue.tryGet();
              if (found !== undefined) got.push(found.item);
            }
            if (act !== 'put' && act !== 'get') continue;
            controllers.push(controller);
            const { signal } = controller;
            const call =
              act === 'put'
                ? queue.put(item, { signal }).then(() => added.push(item))
                : queue.get({ signal }).then((taken) => got.push(taken));
            calls.push(call.catch((error: unknown) => errors.push(error as Error)));
          }
          if (drains) got.push(...queue.drain());
          queue.close();
          await Promise.all(calls);
          for (const { name, message } of errors)
            expect([name, message]).toContainEqual(expect.stringMatching(/QueueClosed|no patience/));
          got.push(...queue.drain());
          expect([...got].sort((first, second) => first - second)).toEqual(
            [...added].sort((first, second) => first - second),
          );
        },
      ),
    );
  });
});
