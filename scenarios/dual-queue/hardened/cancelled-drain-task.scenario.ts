import fc from 'fast-check';
import { scenario } from 'threadmill';
import { DualQueue, DualQueueProducer } from 'threadmill/bridges';
import { exactlyOnce, fifoPerProducer } from 'threadmill/invariants';
import { allWritten, saysWritten } from '../all-written.js';
import { createDualQueueStore, nothingLeft } from '../store.js';

// The drain task takes an item only when it can put it down at once, so cancelling it strands nothing: either it is started
// again, or the shutdown drains what is left, or what is left is handed back.
export default scenario({
  params: {
    pauses: fc.integer({ min: 0, max: 3 }),
    then: fc.constantFrom('start', 'shutdown', 'cancel'),
  },
  store: () => createDualQueueStore({ capacity: 2, loopCapacity: 1 }),
  writers: {
    count: 2,
    run({ store, history, index }) {
      const producer = new DualQueueProducer(store.memory);
      const write = history.write(index);
      producer.submitFromThread(index);
      write.acknowledge();
      saysWritten(store.finished);
    },
  },
  readers: {
    count: 1,
    async run({ store, params, history, pause, writers }) {
      const queue = new DualQueue(store.memory);
      const task = new AbortController();
      queue.start({ signal: task.signal });
      for (let done = 0; done < params.pauses; done++) await pause();
      task.abort();
      if (params.then === 'start') queue.start();
      await allWritten(store.finished, writers);
      if (params.then === 'cancel') {
        for (const item of queue.cancel().payloads) history.read(item);
      } else {
        const shutdown = queue.shutdown();
        for await (const item of queue) history.read(item);
        await shutdown;
      }
    },
  },
  invariants: [exactlyOnce(), fifoPerProducer(), nothingLeft],
  expect: 'held',
});
