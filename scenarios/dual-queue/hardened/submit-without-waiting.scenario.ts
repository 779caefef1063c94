import fc from 'fast-check';
import { scenario } from 'threadmill';
import { DualQueue, DualQueueProducer, QueueClosed, QueueFull } from 'threadmill/bridges';
import { exactlyOnce, fifoPerProducer } from 'threadmill/invariants';
import { bothSidesBounded, createDualQueueStore, delivered, nothingLeft, tightLimits } from '../store.js';

// Each submission is taken, refused for lack of room, or refused because of the end, and its writer knows which. What is taken
// arrives, nothing is taken behind the pill, and consumers that are still waiting learn of the end.
export default scenario({
  params: { limits: tightLimits, pauses: fc.integer({ min: 0, max: 2 }) },
  store: ({ params: { limits } }) => createDualQueueStore(limits),
  writers: {
    count: 2,
    run({ store, history, index }) {
      const producer = new DualQueueProducer(store.memory);
      for (const item of [2 * index, 2 * index + 1]) {
        const write = history.write(item);
        try {
          producer.submitFromThread(item);
        } catch (error) {
          if (error instanceof QueueFull) continue;
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
      const consumers = [consume(), consume()];
      for (let done = 0; done < params.pauses; done++) await pause();
      await queue.shutdown();
      await Promise.all(consumers);
    },
  },
  invariants: [exactlyOnce({ delivered }), fifoPerProducer({ delivered }), bothSidesBounded, nothingLeft],
  expect: 'held',
});
