import fc from 'fast-check';
import { scenario } from 'threadmill';
import { DualQueue, DualQueueProducer, QueueClosed } from 'threadmill/bridges';
import { exactlyOnce, fifoPerProducer } from 'threadmill/invariants';
import { createDualQueueStore, nothingLeft, tightLimits } from '../store.js';

// The whole queue is cancelled, even during a shutdown. What was acknowledged is consumed or handed back. Producers that wait
// for room, consumers that wait for items, and callers that wait for the shutdown all learn of it.
export default scenario({
  params: {
    limits: tightLimits,
    pauses: fc.integer({ min: 0, max: 2 }),
    consumed: fc.integer({ min: 0, max: 2 }),
    shutsDownFirst: fc.boolean(),
  },
  store: ({ params: { limits } }) => createDualQueueStore(limits),
  writers: {
    count: 2,
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
        try {
          history.read(await queue.consume());
        } catch (error) {
          if (!(error instanceof QueueClosed)) throw error;
        }
      };
      const consumers = Array.from({ length: params.consumed }, consume);
      for (let done = 0; done < params.pauses; done++) await pause();
      const shutdown = params.shutsDownFirst ? queue.shutdown() : undefined;
      const { payloads } = queue.cancel();
      // Consumers that were served before record it first.
      await Promise.all(consumers);
      for (const item of payloads) history.read(item);
      await shutdown;
      await queue.shutdown();
    },
  },
  invariants: [exactlyOnce(), fifoPerProducer(), nothingLeft],
  expect: 'held',
});
