import { scenario } from 'threadmill';
import { DualQueue, DualQueueProducer, WaitTimeout } from 'threadmill/bridges';
import { exactlyOnce, fifoPerProducer } from 'threadmill/invariants';
import { createDualQueueStore, nothingLeft, tightLimits } from '../store.js';

// All give up after a while: producers that find no room, consumers that get nothing, and callers that wait for the shutdown. A
// call that gives up has neither added nor taken anything.
export default scenario({
  params: { limits: tightLimits },
  store: ({ params: { limits } }) => createDualQueueStore(limits),
  writers: {
    count: 2,
    run({ store, history, index }) {
      const producer = new DualQueueProducer(store.memory);
      for (const item of [2 * index, 2 * index + 1]) {
        const write = history.write(item);
        try {
          producer.submit(item, { timeoutMs: 1 });
        } catch (error) {
          if (error instanceof WaitTimeout) continue;
          throw error;
        }
        write.acknowledge();
      }
      Atomics.add(store.finished, 0, 1);
    },
  },
  readers: {
    count: 1,
    async run({ store, history, writers }) {
      const queue = new DualQueue(store.memory);
      queue.start();
      while (Atomics.load(store.finished, 0) < writers) {
        try {
          history.read(await queue.consume({ timeoutMs: 1 }));
        } catch (error) {
          if (!(error instanceof WaitTimeout)) throw error;
        }
      }
      try {
        await queue.shutdown({ timeoutMs: 1 });
      } catch (error) {
        if (!(error instanceof WaitTimeout)) throw error;
      }
      for await (const item of queue) history.read(item);
    },
  },
  invariants: [exactlyOnce(), fifoPerProducer(), nothingLeft],
  expect: 'held',
});
