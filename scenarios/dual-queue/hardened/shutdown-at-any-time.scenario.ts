import fc from 'fast-check';
import { scenario } from 'threadmill';
import { DualQueue, DualQueueProducer, QueueClosed } from 'threadmill/bridges';
import { exactlyOnce, fifoPerProducer } from 'threadmill/invariants';
import { allWritten, saysWritten } from '../all-written.js';
import { bothSidesBounded, createDualQueueStore, delivered, nothingLeft, tightLimits } from '../store.js';

// Two shutdowns at any time: with both queues full, with producers that wait for room, with or without consumers. Producers
// learn of it at once, what was acknowledged is consumed, and then consumers learn of it too.
export default scenario({
  params: {
    limits: tightLimits,
    pauses: fc.integer({ min: 0, max: 2 }),
    consumers: fc.integer({ min: 1, max: 2 }),
    consumesLate: fc.boolean(),
  },
  store: ({ params: { limits } }) => createDualQueueStore(limits),
  writers: {
    count: fc.integer({ min: 1, max: 2 }),
    run({ store, history, index }) {
      const producer = new DualQueueProducer(store.memory);
      for (const item of [2 * index, 2 * index + 1]) {
        const write = history.write(item);
        try {
          producer.submit(item);
        } catch (error) {
          if (error instanceof QueueClosed) break;
          throw error;
        }
        write.acknowledge();
      }
      saysWritten(store.finished);
    },
  },
  readers: {
    count: 1,
    async run({ store, params, history, pause, writers }) {
      const queue = new DualQueue(store.memory);
      queue.start();
      const consume = async (): Promise<void> => {
        for await (const item of queue) history.read({ item, loopQueueDepth: queue.loopQueueDepth });
      };
      for (let done = 0; done < params.pauses; done++) await pause();
      const shutdowns = [queue.shutdown(), queue.shutdown()];
      if (params.consumesLate) await allWritten(store.finished, writers);
      await Promise.all([...shutdowns, ...Array.from({ length: params.consumers }, consume)]);
      await queue.shutdown();
    },
  },
  invariants: [exactlyOnce({ delivered }), fifoPerProducer({ delivered }), bothSidesBounded, nothingLeft],
  expect: 'held',
});
