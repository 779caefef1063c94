import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { QueueClosed } from '../primitives/async-queue.js';
import { WaitTimeout } from '../primitives/limit-errors.js';
import { UncloneablePayload } from '../primitives/payload.js';
import { QueueFull } from './errors.js';
import { createDualQueue, type DualQueueOptions } from './hardened-memory.js';
import { DualQueueProducer } from './hardened-producer.js';
import { DualQueue } from './hardened.js';

// Behaviour that takes several threads is tested by threads.test.ts and by the scenarios under scenarios/dual-queue.

function makeQueue(options: DualQueueOptions = {}) {
  const memory = createDualQueue(options);
  return { memory, producer: new DualQueueProducer(memory), queue: new DualQueue(memory) };
}

async function everythingIn(queue: DualQueue): Promise<unknown[]> {
  const found: unknown[] = [];
  for await (const item of queue) found.push(item);
  return found;
}

/** Lets the drain task do all it can. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await setImmediate();
}

describe('a dual queue', () => {
  it('fills from the end of the consumers to that of the producers, and says how full it is', async () => {
    const { producer, queue } = makeQueue({ capacity: 2, loopCapacity: 3 });
    queue.start();
    for (let item = 0; item < 5; item++) {
      producer.submitFromThread(item);
      await settle();
    }
    expect([queue.threadQueueDepth, producer.threadQueueDepth, queue.loopQueueDepth]).toEqual([2, 2, 3]);
    expect(() => producer.submitFromThread(5)).toThrow(QueueFull);
    expect(await queue.consume()).toBe(0);
    await settle();
    expect([queue.threadQueueDepth, queue.loopQueueDepth]).toEqual([1, 3]);
    producer.submitFromThread(5);
    const shutdown = queue.shutdown();
    expect(await everythingIn(queue)).toEqual([1, 2, 3, 4, 5]);
    await shutdown;
  });

  it('serves consumers in the order in which they came', async () => {
    const { producer, queue } = makeQueue();
    queue.start();
    const consumers = [queue.consume(), queue.consume(), queue.consume({ timeoutMs: 60_000 })];
    for (const item of ['a', 'b', 'c']) producer.submitFromThread(item);
    expect(await Promise.all(consumers)).toEqual(['a', 'b', 'c']);
    await queue.shutdown();
  });

  it('takes null, undefined and whatever looks like an end for what they are', async () => {
    const { producer, queue } = makeQueue();
    const payloads = [null, undefined, { done: true }, 'end', new Error('no error of this queue')];
    for (const payload of payloads) producer.submitFromThread(payload);
    const shutdown = queue.shutdown();
    expect(await everythingIn(queue)).toEqual(payloads);
    await shutdown;
  });

  it('has one end that consumes', () => {
    const { memory, queue } = makeQueue();
    expect(() => new DualQueue(memory)).toThrow('already has a DualQueue');
    queue.cancel();
  });

  it('refuses limits that are none', () => {
    for (const options of [
      { capacity: 0 },
      { loopCapacity: 0 },
      { itemsPerTurn: 0 },
      { bytes: 0 },
      { producers: -1 },
    ]) {
      expect(() => createDualQueue(options), JSON.stringify(options)).toThrow(RangeError);
    }
  });

  it('lets the event loop turn, however much there is to move and however fast it is consumed', async () => {
    const { producer, queue } = makeQueue({ capacity: 1_000, itemsPerTurn: 10 });
    for (let item = 0; item < 1_000; item++) producer.submitFromThread(item);
    queue.start();
    let consumed = 0;
    const consuming = (async () => {
      for await (const _ of queue) consumed++;
    })();
    await setImmediate();
    expect(consumed).toBeGreaterThan(0);
    expect(consumed).toBeLessThanOrEqual(20);
    await queue.shutdown();
    await consuming;
    expect(consumed).toBe(1_000);
  });

  it('does not let the loop wait for itself', () => {
    const { producer, queue } = makeQueue({ capacity: 1 });
    expect(() => producer.submit(1)).toThrow('submit() would block the event loop');
    producer.submitFromThread(1);
    expect(() => producer.submitFromThread(2)).toThrow(QueueFull);
    expect(queue.cancel().payloads).toEqual([1]);
  });

  it('refuses what cannot be cloned', () => {
    const { producer, queue } = makeQueue();
    expect(() => producer.submitFromThread(() => 1)).toThrow(UncloneablePayload);
    expect(queue.cancel().payloads).toEqual([]);
  });
});

describe('the shutdown of a dual queue', () => {
  it('is one, however often it is called, and puts the end in its place at once', async () => {
    const { producer, queue } = makeQueue();
    queue.start();
    producer.submitFromThread('before');
    const shutdowns = [queue.shutdown(), queue.shutdown({ timeoutMs: 60_000 })];
    expect(queue.closed).toBe(true);
    expect(() => producer.submitFromThread('after')).toThrow(QueueClosed);
    await Promise.all(shutdowns);
    await queue.shutdown();
    expect(await queue.consume()).toBe('before');
    await expect(queue.consume()).rejects.toThrow(QueueClosed);
    await expect(queue.consume({ timeoutMs: 0 })).rejects.toThrow(QueueClosed);
    expect(() => queue.start()).toThrow(QueueClosed);
  });

  it('tells the consumers who wait', async () => {
    const { queue } = makeQueue();
    queue.start();
    const waiting = [queue.consume(), queue.consume({ timeoutMs: 60_000 })].map((consumer) =>
      expect(consumer).rejects.toThrow(QueueClosed),
    );
    await queue.shutdown();
    await Promise.all(waiting);
  });

  it('drains what a drain task that never began, or was cancelled, has left', async () => {
    const first = makeQueue();
    first.producer.submitFromThread(1);
    await first.queue.shutdown();
    expect(await everythingIn(first.queue)).toEqual([1]);

    const second = makeQueue();
    const task = new AbortController();
    second.queue.start({ signal: task.signal });
    task.abort();
    second.producer.submitFromThread(2);
    await second.queue.shutdown();
    expect(await everythingIn(second.queue)).toEqual([2]);
  });

  it('is not undone by a signal that aborts the drain task later', async () => {
    const { producer, queue } = makeQueue({ loopCapacity: 1 });
    const task = new AbortController();
    queue.start({ signal: task.signal });
    producer.submitFromThread(1);
    producer.submitFromThread(2);
    const shutdown = queue.shutdown();
    task.abort();
    expect(await everythingIn(queue)).toEqual([1, 2]);
    await shutdown;
  });

  it('can be waited for with an end, and goes on when nobody waits', async () => {
    const { producer, queue } = makeQueue({ capacity: 2, loopCapacity: 1 });
    queue.start();
    producer.submitFromThread(1);
    producer.submitFromThread(2);
    await expect(queue.shutdown({ timeoutMs: 5 })).rejects.toThrow(
      'The dual queue was not drained within 5 ms. Items left: 1 on the loop side, 1 on the thread side.',
    );
    const stop = new AbortController();
    const stopped = queue.shutdown({ signal: stop.signal, timeoutMs: 60_000 });
    stop.abort(new Error('enough'));
    await expect(stopped).rejects.toThrow('enough');
    await expect(queue.shutdown({ signal: stop.signal })).rejects.toThrow('enough');
    expect(await everythingIn(queue)).toEqual([1, 2]);
    await queue.shutdown();
  });

  it('does not happen if its time-out is none', async () => {
    const { producer, queue } = makeQueue();
    await expect(queue.shutdown({ timeoutMs: -1 })).rejects.toThrow(RangeError);
    await expect(queue.consume({ timeoutMs: -1 })).rejects.toThrow(RangeError);
    producer.submitFromThread('still open');
    expect(queue.cancel().payloads).toEqual(['still open']);
  });
});

describe('the drain task of a dual queue', () => {
  it('is one at a time', () => {
    const { queue } = makeQueue();
    queue.start();
    expect(() => queue.start()).toThrow('The drain task is already running.');
    queue.cancel();
    expect(() => queue.start()).toThrow(QueueClosed);
  });

  it('does not begin with a signal that has aborted', async () => {
    const { producer, queue } = makeQueue();
    expect(() => queue.start({ signal: AbortSignal.abort(new Error('no')) })).toThrow('no');
    producer.submitFromThread(1);
    queue.start();
    expect(await queue.consume()).toBe(1);
    await queue.shutdown();
  });

  it('is cancelled and started again, wherever it waits, and loses nothing', async () => {
    const { producer, queue } = makeQueue({ capacity: 3, loopCapacity: 1 });
    let task = new AbortController();
    const startAgain = (): void => {
      task.abort();
      task = new AbortController();
      queue.start({ signal: task.signal });
    };
    queue.start({ signal: task.signal });
    // While it waits for an item, immediately or later.
    startAgain();
    startAgain();
    await settle();
    startAgain();
    for (const item of [1, 2, 3]) producer.submitFromThread(item);
    // While it waits for room, immediately or later.
    await settle();
    expect(queue.loopQueueDepth).toBe(1);
    startAgain();
    startAgain();
    await settle();
    startAgain();
    expect(await queue.consume()).toBe(1);
    expect(await queue.consume({ timeoutMs: 60_000 })).toBe(2);
    task.abort();
    expect(await queue.consume()).toBe(3);
    await queue.shutdown();
  });

  it('leaves what it has not moved where it is', async () => {
    const { producer, queue } = makeQueue();
    const task = new AbortController();
    queue.start({ signal: task.signal });
    task.abort();
    producer.submitFromThread(1);
    await settle();
    expect([queue.threadQueueDepth, queue.loopQueueDepth]).toEqual([1, 0]);
    await expect(queue.consume({ timeoutMs: 1 })).rejects.toThrow(WaitTimeout);
    queue.start();
    expect(await queue.consume()).toBe(1);
    await queue.shutdown();
  });
});

describe('the cancellation of a dual queue', () => {
  it('hands back what is in both of its sides, in order, and once', async () => {
    const { producer, queue } = makeQueue({ capacity: 3, loopCapacity: 2 });
    queue.start();
    for (const item of [1, 2, 3]) producer.submitFromThread(item);
    await settle();
    for (const item of [4, 5]) producer.submitFromThread(item);
    expect([queue.threadQueueDepth, queue.loopQueueDepth]).toEqual([3, 2]);
    expect(queue.cancel()).toEqual({ payloads: [1, 2, 3, 4, 5], undecodable: [] });
    expect(queue.cancel()).toEqual({ payloads: [], undecodable: [] });
    expect([queue.threadQueueDepth, queue.loopQueueDepth]).toEqual([0, 0]);
    await queue.shutdown();
  });

  it('tells everybody who waits', async () => {
    const { producer, queue } = makeQueue({ loopCapacity: 1 });
    const consumers = [
      expect(queue.consume()).rejects.toThrow(QueueClosed),
      expect(everythingIn(queue)).resolves.toEqual([]),
    ];
    expect(queue.cancel().payloads).toEqual([]);
    await Promise.all(consumers);
    expect(() => producer.submitFromThread(1)).toThrow(QueueClosed);
  });

  it('ends a shutdown that waits for consumers', async () => {
    const { producer, queue } = makeQueue({ loopCapacity: 1 });
    for (const item of [1, 2]) producer.submitFromThread(item);
    const shutdown = queue.shutdown();
    await settle();
    expect(queue.cancel().payloads).toEqual([1, 2]);
    await shutdown;
  });
});
