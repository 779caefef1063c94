import fc from 'fast-check';
import { scenario } from 'threadmill';
import { DualQueue, DualQueueProducer, QueueClosed } from 'threadmill/bridges';
import { exactlyOnce, fifoPerProducer } from 'threadmill/invariants';
import { bothSidesBounded, createDualQueueStore, delivered, nothingLeft } from './store.js';

// Shut down twice, whatever is going on: with both queues full, with producers that wait for room and consumers that wait for
// items. What was acknowledged is consumed before anybody is told of the end, and everybody is told.
export default scenario({
  name: 'dual-queue: shutdown at any time, hardened',
  params: { pauses: fc.integer({ min: 0, max: 2 }), consumers: fc.integer({ min: 1, max: 2 }) },
  store: () => createDualQueueStore({ capacity: 1 }),
  writers: {
    count: fc.integer({ min: 1, max: 2 }),
    run({ store, history, index }) {
      const producer = new DualQueueProducer(store.memory);
      for (const item of [2 * index, 2 * index + 1]) {
        const write = history.write(item);
        try {
          producer.submit(item);
        } catch (error) {
          if (error instanceof QueueClosed) return;
          throw error;
        }
        write.acknowledge();
      }
    },
  },
  readers: {
    count: 1,
    async run({ store, params, history, pause }) {
      const queue = new DualQueue(store.memory);
      queue.start();
      const consume = async (): Promise<void> => {
        for await (const item of queue) history.read({ item, loopQueueDepth: queue.loopQueueDepth });
      };
      for (let done = 0; done < params.pauses; done++) await pause();
      const shutdowns = [queue.shutdown(), queue.shutdown()];
      await Promise.all([...shutdowns, ...Array.from({ length: params.consumers }, consume)]);
      await queue.shutdown();
    },
  },
  invariants: [exactlyOnce({ delivered }), fifoPerProducer({ delivered }), bothSidesBounded(1), nothingLeft],
  expect: 'held',
});
