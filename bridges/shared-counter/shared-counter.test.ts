import { describe, expect, it } from 'vitest';
import { ended, startWorker } from '../testing/start-worker.js';
import { PublishedSharedCounter } from './published.js';
import { LoopCounter, SharedCounter } from './shared-counter.js';

describe('a shared counter', () => {
  it('loses nothing between threads that count at once', async () => {
    const counter = new SharedCounter();
    const workers = Array.from({ length: 3 }, () =>
      startWorker(
        `import { workerData } from 'node:worker_threads';
         import { SharedCounter } from './shared-counter/index.js';
         const counter = new SharedCounter(workerData);
         for (let done = 0; done < 20_000; done++) {
           if (done % 2 === 0) counter.increment();
           else counter.update((value) => value + 1);
         }`,
        counter.cell,
      ),
    );
    await Promise.all(workers.map(ended));
    expect(counter.value).toBe(60_000);
  });

  it('counts both ways, and gives what its own change made', () => {
    const counter = new SharedCounter();
    expect([counter.increment(), counter.increment(5), counter.increment(-7), counter.increment(0)]).toEqual([
      1, 6, -1, -1,
    ]);
    expect(counter.update((value) => value * 10)).toBe(-10);
    expect(counter.value).toBe(-10);
  });

  it('asks again if somebody was faster', () => {
    const counter = new SharedCounter();
    const seen: number[] = [];
    counter.update((value) => {
      seen.push(value);
      if (seen.length === 1) counter.increment(10);
      return value + 1;
    });
    expect(seen).toEqual([0, 10]);
    expect(counter.value).toBe(11);
  });

  it('refuses what it cannot count, and is as before', () => {
    const counter = new SharedCounter();
    counter.increment(Number.MAX_SAFE_INTEGER);
    expect(() => counter.increment()).toThrow(RangeError);
    expect(() => counter.increment(0.5)).toThrow('A counter counts whole numbers');
    expect(() => counter.increment(Number.NaN)).toThrow(RangeError);
    expect(() => counter.update(() => Infinity)).toThrow(RangeError);
    expect(() =>
      counter.update(() => {
        throw new Error('no good');
      }),
    ).toThrow('no good');
    expect(counter.value).toBe(Number.MAX_SAFE_INTEGER);
    expect(() => new SharedCounter(new BigInt64Array(1))).toThrow(TypeError);
    expect(() => new SharedCounter(new BigInt64Array(new SharedArrayBuffer(0)))).toThrow(TypeError);
  });
});

describe('a counter of one loop', () => {
  it('counts, and refuses what it cannot count', async () => {
    const counter = new LoopCounter();
    await Promise.all([1, 2, 3].map((amount) => Promise.resolve(counter.increment(amount))));
    expect(counter.value).toBe(6);
    expect(() => counter.increment(0.5)).toThrow(RangeError);
    expect(() => counter.increment(Number.MAX_SAFE_INTEGER)).toThrow(RangeError);
    expect(counter.value).toBe(6);
  });
});

describe('the published counter', () => {
  it('counts right on one loop', async () => {
    const counter = new PublishedSharedCounter();
    expect(await Promise.all([counter.increment(), counter.increment()])).toEqual([1, 2]);
    expect(counter.value).toBe(2);
  });
});
