import { describe, expect, it } from 'vitest';
import { QueueFull } from './errors.js';
import { createPublishedDualQueue, PublishedDualQueue, PublishedDualQueueProducer } from './published.js';

// The scenarios under scenarios/dual-queue show its faults. These tests cover what it does correctly.
describe('the published dual queue', () => {
  it('carries what is submitted, in order, and says how full it is', async () => {
    const memory = createPublishedDualQueue({ maxsize: 2 });
    const producer = new PublishedDualQueueProducer<number>(memory);
    const queue = new PublishedDualQueue<number>(memory);
    producer.submitFromThread(1);
    producer.submitFromThread(2);
    expect(() => producer.submitFromThread(3)).toThrow(QueueFull);
    expect([queue.threadQueueDepth, queue.loopQueueDepth]).toEqual([2, 0]);
    queue.start();
    const shutdown = queue.shutdown();
    expect(await queue.consume()).toBe(1);
    expect(await queue.consume()).toBe(2);
    await shutdown;
    expect([queue.threadQueueDepth, queue.loopQueueDepth]).toEqual([0, 0]);
  });

  it('fails in shutdown when its drain task has been cancelled', async () => {
    const queue = new PublishedDualQueue(createPublishedDualQueue());
    queue.start();
    queue.cancelDrainer();
    await expect(queue.shutdown()).rejects.toThrow('This operation was aborted');
  });
});
