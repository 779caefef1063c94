import fc from 'fast-check';
import { threadId } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { QueueClosed } from '../primitives/async-queue.js';
import { WaitTimeout } from '../primitives/limit-errors.js';
import { ownedLock } from '../primitives/owned-lock.js';
import { UncloneablePayload } from '../primitives/payload.js';
import { PayloadTooLarge, QueueFull } from './errors.js';
import { payloadOf } from './testing/payloads.js';
import { ThreadQueueConsumer } from './thread-queue-consumer.js';
import { createThreadQueue, lockWord, publishedWord, takenWord } from './thread-queue-memory.js';
import { ThreadQueueProducer } from './thread-queue-producer.js';

function makeQueue(options: Parameters<typeof createThreadQueue>[0] = {}) {
  const memory = createThreadQueue(options);
  return { memory, producer: new ThreadQueueProducer(memory), consumer: new ThreadQueueConsumer(memory) };
}

function catchError(action: () => void): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

describe('a thread queue', () => {
  it('gives what went in, in order, whatever the sizes and wherever the ring begins again', () => {
    const steps = fc.array(fc.nat({ max: 1_000 }), { maxLength: 100 });
    fc.assert(
      fc.property(
        steps,
        fc.integer({ min: 1, max: 8 }),
        fc.integer({ min: 15_000, max: 24_000 }),
        (numbers, capacity, bytes) => {
          const { producer, consumer } = makeQueue({ capacity, bytes });
          const expected: unknown[] = [];
          const takeOne = (): void => {
            expect(consumer.tryGet()).toEqual({ item: expected.shift() });
          };
          for (const number of numbers) {
            if (number % 3 === 0 && expected.length > 0) takeOne();
            const payload = payloadOf(0, number);
            try {
              producer.putNow(payload);
            } catch (error) {
              if (!(error instanceof QueueFull)) throw error;
              expect(expected.length).toBeGreaterThan(0);
              takeOne();
              continue;
            }
            expected.push(payload);
            expect(consumer.depth).toBe(expected.length);
            expect(producer.depth).toBe(expected.length);
            expect(expected.length).toBeLessThanOrEqual(capacity);
          }
          while (expected.length > 0) takeOne();
          expect(consumer.tryGet()).toBeUndefined();
        },
      ),
      { numRuns: 50 },
    );
  });

  it('goes on when its counters have come to their end', () => {
    const { memory } = makeQueue({ capacity: 2 });
    Atomics.store(memory.control, publishedWord, 2 ** 31 - 2);
    Atomics.store(memory.control, takenWord, 2 ** 31 - 2);
    const producer = new ThreadQueueProducer(memory);
    const consumer = new ThreadQueueConsumer(memory);
    for (let item = 0; item < 5; item++) {
      producer.putNow(item);
      producer.putNow(-item);
      expect(consumer.depth).toBe(2);
      expect(() => producer.putNow('more')).toThrow(QueueFull);
      expect(consumer.tryGet()).toEqual({ item });
      expect(consumer.tryGet()).toEqual({ item: -item });
      expect(consumer.closed).toBe(false);
    }
    consumer.close();
    expect(consumer.ended).toBe(true);
  });

  it('says how full it is when it is full of items', () => {
    const { producer } = makeQueue({ capacity: 2 });
    producer.putNow(1);
    producer.putNow(2);
    const error = catchError(() => producer.putNow(3));
    expect(error).toBeInstanceOf(QueueFull);
    expect(error).toMatchObject({
      capacity: 2,
      depth: 2,
      message: 'The queue is full: it holds 2 of at most 2 items.',
    });
  });

  it('says how full it is when it is full of bytes', () => {
    const { producer, consumer } = makeQueue({ capacity: 10, bytes: 128 });
    producer.putNow('x'.repeat(80));
    const error = catchError(() => producer.putNow('y'.repeat(80)));
    expect(error).toMatchObject({
      name: 'QueueFull',
      depth: 1,
      message: 'The queue has no room for an item of 96 bytes: 1 of at most 10 items share its 128 bytes.',
    });
    consumer.tryGet();
    producer.putNow('y'.repeat(80));
  });

  it('holds a payload of just its size, and names both sizes when one is larger', () => {
    const { producer, consumer } = makeQueue({ bytes: 64 });
    // Three bytes of header, one for the length.
    const largest = 'x'.repeat(64 - 8 - 4);
    producer.putNow(largest);
    expect(consumer.tryGet()).toEqual({ item: largest });
    const error = catchError(() => producer.put(`${largest}x`));
    expect(error).toBeInstanceOf(PayloadTooLarge);
    expect(error).toMatchObject({ payloadBytes: 57, limitBytes: 56 });
    expect((error as Error).message).toBe(
      'The payload takes 57 bytes, but the queue holds payloads of at most 56 bytes: raise `bytes`.',
    );
  });

  it('refuses what cannot be cloned, and is as it was', () => {
    const { producer, consumer } = makeQueue();
    expect(() => producer.putNow({ callback: () => 1 })).toThrow(UncloneablePayload);
    expect(() => producer.put(Symbol('no'))).toThrow(UncloneablePayload);
    expect(consumer.depth).toBe(0);
    producer.putNow('yes');
    expect(consumer.tryGet()).toEqual({ item: 'yes' });
  });

  it('refuses limits that are none', () => {
    for (const options of [
      { capacity: 0 },
      { capacity: 1.5 },
      { bytes: 8 },
      { bytes: 2 ** 31 },
      { producers: 0 },
      { lockTimeoutMs: -1 },
    ]) {
      expect(() => createThreadQueue(options), JSON.stringify(options)).toThrow(RangeError);
    }
    const { producer } = makeQueue();
    expect(() => producer.put(1, { timeoutMs: -1 })).toThrow('timeoutMs must be from 0');
    expect(() => producer.put(1, { timeoutMs: NaN })).toThrow(RangeError);
    expect(producer.depth).toBe(0);
  });

  it('lets a producer wait for room no longer than it wants to', () => {
    const { producer, consumer } = makeQueue({ capacity: 1 });
    producer.put(1, { timeoutMs: 0 });
    expect(() => producer.put(2, { timeoutMs: 0 })).toThrow(WaitTimeout);
    expect(() => producer.put(2, { timeoutMs: 5 })).toThrow(
      'No room within 5 ms. The queue is full: it holds 1 of at most 1 items.',
    );
    expect(consumer.tryGet()).toEqual({ item: 1 });
    expect(consumer.tryGet()).toBeUndefined();
  });

  it('takes nothing after it has been closed, and gives what it had', () => {
    const { producer, consumer } = makeQueue({ capacity: 1 });
    producer.putNow('last');
    consumer.close();
    consumer.close();
    expect(() => producer.putNow('late')).toThrow(QueueClosed);
    expect(() => producer.put('late')).toThrow('The queue has been closed: the payload was not taken.');
    expect([consumer.closed, consumer.ended, consumer.depth]).toEqual([true, false, 1]);
    expect(consumer.tryGet()).toEqual({ item: 'last' });
    expect([consumer.closed, consumer.ended, consumer.depth]).toEqual([true, true, 0]);
    expect(() => producer.put('late')).toThrow(QueueClosed);
  });

  it('ends every wait for more by an item, by its end, and by waking', async () => {
    const { producer, consumer } = makeQueue();
    const first = [consumer.waitForMore(), consumer.waitForMore()];
    producer.putNow(1);
    await Promise.all(first);
    await consumer.waitForMore();
    consumer.tryGet();
    const second = [consumer.waitForMore(), consumer.waitForMore()];
    consumer.wake();
    await Promise.all(second);
    const third = consumer.waitForMore();
    consumer.close();
    await third;
    await consumer.waitForMore();
  });
});

describe('producers of a thread queue', () => {
  it('end by themselves, and make room for others', () => {
    const { memory, producer } = makeQueue({ producers: 2 });
    const second = new ThreadQueueProducer(memory);
    expect(() => new ThreadQueueProducer(memory)).toThrow('The queue already has 2 producers, its maximum');
    second.close();
    second.close();
    expect(() => second.putNow(1)).toThrow('This producer has been closed');
    new ThreadQueueProducer(memory).putNow(1);
    producer.putNow(2);
    expect(producer.depth).toBe(2);
  });

  it('do not wait for ever for one that died with the lock, even if nobody has heard of it', () => {
    const { memory, producer, consumer } = makeQueue({ lockTimeoutMs: 5 });
    ownedLock(memory.control, lockWord).lock();
    expect(() => producer.putNow(1)).toThrow(WaitTimeout);
    expect(() => producer.put(1)).toThrow("Another producer held the queue's lock for 5 ms.");
    expect(() => producer.put(1, { timeoutMs: 1 })).toThrow(WaitTimeout);
    consumer.close();
    expect(() => producer.put(1)).toThrow(QueueClosed);
    expect(() => producer.put(1)).toThrow(QueueClosed);
  });

  it('of a dead thread are recovered, and those of others are left alone', () => {
    const { memory, producer, consumer } = makeQueue({ producers: 1, lockTimeoutMs: 0 });
    consumer.recover(threadId + 1);
    expect(() => new ThreadQueueProducer(memory)).toThrow(RangeError);
    consumer.recover(threadId);
    producer.putNow('as before');
    new ThreadQueueProducer(memory).close();
  });
});
